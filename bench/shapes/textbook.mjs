import { temporalShape } from './temporal-shape.mjs';

export const textbook = temporalShape(
  {
    name: 'textbook',
    about: 'this package with `hold: 0`: one `getStatus` activity for each poll, a durable sleep between two',
    mostLive: 1_000,
  },
  { hold: 0 },
);
