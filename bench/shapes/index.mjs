import { bare } from './bare.mjs';
import { dbos } from './dbos.mjs';
import { hold, holdOf, unsaved } from './hold.mjs';
import { textbook } from './textbook.mjs';

/** @type {readonly import('./shape.mjs').Shape[]} */
const SHAPES = [hold, unsaved, textbook, bare, dbos];
const HOLD_OF = /^hold=(?<length>.+)$/;

/** @param {string} name one of those, or `hold=` and a length @returns {import('./shape.mjs').Shape} */
export function shapeNamed(name) {
  const { length } = HOLD_OF.exec(name)?.groups ?? {};
  const shape = length === undefined ? SHAPES.find((one) => one.name === name) : holdOf(length);
  if (!shape) throw new TypeError(`no shape "${name}"; there are ${SHAPES.map((one) => one.name).join(', ')}, hold=2m`);
  return shape;
}
