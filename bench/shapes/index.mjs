import { bare } from './bare.mjs';
import { dbos } from './dbos.mjs';
import { hold } from './hold.mjs';
import { textbook } from './textbook.mjs';

/** @type {readonly import('./shape.mjs').Shape[]} */
export const SHAPES = [hold, textbook, bare, dbos];

/** @param {string} name */
export function shapeNamed(name) {
  const shape = SHAPES.find((one) => one.name === name);
  if (!shape) throw new TypeError(`no shape "${name}"; there are ${SHAPES.map((one) => one.name).join(', ')}`);
  return shape;
}
