import { mulberry32 } from '../dist/simulator/mulberry32.js';

/** More than so many calls a second begin and end on no server of two cores. */
const MOST_PER_SECOND = 50;
const SHORTEST_SHARE = 0.5;

/**
 * The calls of one run: how many arrive a second, and how long they are, uniform between the shortest and the longest.
 *
 * @typedef {{ live: number, perSecond: number, callMs: readonly [number, number] }} Load
 */

/**
 * The load that keeps so many calls under way, the same for all shapes. Unless told otherwise, arrivals grow more slowly
 * than the number of live calls, 0.15 · live^⅔ a second and 50 at most: 100 calls are of 31 s on average, 1,000 of 67 s,
 * 3,000 of 96 s, 10,000 of 200 s, each ±50 %.
 *
 * @param {number} live
 * @param {Pick<import('./options.mjs').Options, 'callMs' | 'perSecond'>} options
 * @returns {Load}
 */
export function loadOf(live, options) {
  if (options.callMs) {
    const [shortest, longest] = options.callMs;
    return { live, perSecond: (live * 2_000) / (shortest + longest), callMs: [shortest, longest] };
  }
  const perSecond = options.perSecond ?? Math.min(MOST_PER_SECOND, 0.15 * live ** (2 / 3));
  const meanMs = (live / perSecond) * 1_000;
  return { live, perSecond, callMs: [meanMs * SHORTEST_SHARE, meanMs * (2 - SHORTEST_SHARE)] };
}

/** @param {Load} load */
export function meanCallMs({ callMs: [shortest, longest] }) {
  return (shortest + longest) / 2;
}

/**
 * How long each of the calls that are under way at any one moment of the steady state has still to go: the longer a call,
 * the likelier it is among them, and the moment lies anywhere within it.
 *
 * @param {Load} load
 * @param {number} seed
 * @returns {number[]} milliseconds, one for each live call
 */
export function remainingMs({ live, callMs: [shortest, longest] }, seed) {
  const random = mulberry32(~seed);
  return Array.from({ length: live }, () => {
    const length = Math.sqrt(shortest ** 2 + random() * (longest ** 2 - shortest ** 2));
    return Math.round(length * random());
  });
}
