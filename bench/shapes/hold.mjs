import { temporalShape } from './temporal-shape.mjs';

export const hold = temporalShape(
  {
    name: 'hold',
    about:
      'this package with its defaults: one `getStatus` activity goes on polling until the status changes; outcomes kept in SQLite',
    mostLive: Infinity,
  },
  {},
);

/** The same, and outcomes are not kept: what keeping them costs is the difference. */
export const unsaved = temporalShape(
  { name: 'unsaved', about: '`hold` without an outcome store', mostLive: Infinity },
  {},
  'off',
);

/**
 * The same with another `polling.hold`, such as `2m`.
 *
 * @param {string} length
 */
export function holdOf(length) {
  const about = `this package with \`polling.hold: "${length}"\``;
  return temporalShape({ name: `hold=${length}`, about, mostLive: Infinity }, { hold: length });
}
