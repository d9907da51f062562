import { bare } from './bare.mjs';
import { dbos } from './dbos.mjs';
import { textbook } from './textbook.mjs';

/** @type {readonly import('./shape.mjs').Shape[]} */
export const SHAPES = [textbook, bare, dbos];
