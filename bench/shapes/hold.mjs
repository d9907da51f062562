import { temporalShape } from './temporal-shape.mjs';

export const hold = temporalShape(
  {
    name: 'hold',
    about: 'this package with its defaults: one `getStatus` activity goes on polling until the status changes',
    mostLive: Infinity,
  },
  {},
);
