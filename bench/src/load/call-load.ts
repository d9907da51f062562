import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomExponential, randomLcg, randomUniform } from 'd3-random';
import type { BenchmarkOptions } from '../options.js';

/** No small machine starts and ends more workflows a second than this. */
const MAX_ARRIVALS_PER_SECOND = 50;
const SHORTEST_SHARE = 0.5;

/** The calls of one run. */
export interface CallLoad {
  /** Calls under way at a time, on average. */
  readonly live: number;
  readonly arrivalsPerSecond: number;
  /** Shortest and longest call; lengths are uniform between them. */
  readonly callMs: readonly [number, number];
}

/**
 * The load that keeps `live` calls under way. By default arrivals grow more slowly than live calls, with
 * 0.15 · live^⅔ a second and 50 at most: 100 calls last 31 s on average, 1,000 last 67 s, 10,000 last 200 s, each ±50 %.
 */
export function loadOf(live: number, { call, rate }: Pick<BenchmarkOptions, 'call' | 'rate'>): CallLoad {
  if (call && rate === undefined) {
    const [shortest = 0, longest = 0] = call;
    const callMs = [shortest * 1_000, longest * 1_000] as const;
    return { live, arrivalsPerSecond: (live * 2) / (shortest + longest), callMs };
  }
  const arrivalsPerSecond = rate ?? Math.min(MAX_ARRIVALS_PER_SECOND, 0.15 * live ** (2 / 3));
  const meanMs = (live / arrivalsPerSecond) * 1_000;
  return { live, arrivalsPerSecond, callMs: [meanMs * SHORTEST_SHARE, meanMs * (2 - SHORTEST_SHARE)] };
}

export function meanCallMs({ callMs: [shortest, longest] }: CallLoad): number {
  return (shortest + longest) / 2;
}

/**
 * How much longer each call lasts that is under way at a random moment of the steady state: a longer call is more likely
 * to be among them, and the moment can be anywhere within it.
 *
 * @returns milliseconds, one number for each live call
 */
export function remainingMs({ live, callMs: [shortest, longest] }: CallLoad, seed: number): number[] {
  const random = randomUniform.source(randomLcg(~seed))(1);
  return Array.from({ length: live }, () => {
    const length = Math.sqrt(shortest ** 2 + random() * (longest ** 2 - shortest ** 2));
    return Math.round(length * random());
  });
}

/**
 * Open arrivals: calls come at random (a Poisson process), however far behind their monitors are.
 *
 * @param seed the same one gives the same calls
 * @param signal ends the arrivals
 */
export async function runArrivals(
  { arrivalsPerSecond, callMs }: CallLoad,
  seed: number,
  arrive: (number: number, lengthMs: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const source = randomLcg(seed);
  const gapMs = randomExponential.source(source)(arrivalsPerSecond / 1_000);
  const lengthMs = randomUniform.source(source)(...callMs);
  let nextAt = performance.now();
  for (let number = 1; ; number += 1) {
    nextAt += gapMs();
    const length = Math.round(lengthMs());
    const waitMs = nextAt - performance.now();
    if (waitMs >= 1) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    arrive(number, length);
  }
}
