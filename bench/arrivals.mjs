import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { mulberry32 } from '../dist/simulator/mulberry32.js';

/**
 * Open arrivals: calls come at random (a Poisson process), however far behind those are who monitor them. Each has a
 * length, uniform between the shortest and the longest. The same seed gives the same calls.
 *
 * @param {object} options
 * @param {import('./load.mjs').Load} options.load
 * @param {number} options.seed
 * @param {(call: { number: number, lengthMs: number }) => void} options.arrive
 * @param {AbortSignal} options.signal ends the arrivals
 */
export async function runArrivals({ load, seed, arrive, signal }) {
  const [shortest, longest] = load.callMs;
  const random = mulberry32(seed);
  const meanGapMs = 1_000 / load.perSecond;
  let nextAt = performance.now();
  for (let number = 1; !signal.aborted; number += 1) {
    nextAt += -Math.log(1 - random()) * meanGapMs;
    const lengthMs = Math.round(shortest + (longest - shortest) * random());
    const waitMs = nextAt - performance.now();
    if (waitMs >= 1) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) arrive({ number, lengthMs });
  }
}
