import { MAX_TIMER_MS } from '../platform/abortable.js';

/** @throws {RangeError} for an interval that would be no pause: Node waits 1 ms where a timer is too long */
export function checkEveryMs(everyMs: number, minMs: number): void {
  if (everyMs >= minMs && everyMs <= MAX_TIMER_MS) return;
  throw new RangeError(`everyMs must be a number of milliseconds from ${minMs} to ${MAX_TIMER_MS}`);
}
