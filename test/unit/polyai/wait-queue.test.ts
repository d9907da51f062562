import fc from 'fast-check';
import { expect, test } from 'vitest';

import { type Place, WaitQueue } from '../../../src/polyai/limiter.js';

type Step = { readonly kind: 'join' } | { readonly kind: 'shift' } | { readonly kind: 'leave'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'join' } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'shift' } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat(40) }) },
);

test('whatever is done to it, a queue gives what an array would, also for places that are left twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new WaitQueue<number>();
      const places: Place<number>[] = [];
      let model: number[] = [];
      for (const next of steps) {
        if (next.kind === 'join') {
          model.push(places.length);
          places.push(queue.join(places.length));
        } else if (next.kind === 'shift') {
          expect(queue.shift()).toBe(model.shift());
        } else {
          const place = places[next.which];
          if (place) queue.leave(place);
          model = model.filter((value) => value !== next.which);
        }
        expect(queue.isEmpty).toBe(model.length === 0);
      }
      for (const value of model) expect(queue.shift()).toBe(value);
      expect(queue.shift()).toBeUndefined();
    }),
  );
});
