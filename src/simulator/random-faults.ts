import type { Fault } from './fault.js';
import { mulberry32 } from './mulberry32.js';

/** Faults that strike status requests at random; the same seed and order of requests give the same faults. */
export interface RandomFaults {
  /** Share of the status requests that a fault strikes: 0 to 1. */
  readonly probability: number;
  /** What can strike; each is as likely as the others. */
  readonly faults: readonly Fault[];
}

/** Draws, for one request after the other, the fault that strikes it, if any. */
export function randomFaultSource({ probability, faults }: RandomFaults, seed: number): () => Fault | undefined {
  const random = mulberry32(seed);
  return () => (random() < probability ? faults[Math.floor(random() * faults.length)] : undefined);
}
