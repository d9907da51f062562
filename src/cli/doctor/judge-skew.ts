import { formatDuration } from '../../contract/duration.js';
import { failure, type Finding, ok, warning } from './check.js';

const WARN_BEYOND_MS = 5_000;
const FAIL_BEYOND_MS = 60_000;

const REMEDY = "set this machine's clock, by NTP as a rule: timedatectl set-ntp true";

/** When somebody else's clock was read, between two looks at this machine's. Milliseconds since the epoch. */
export interface ClockReading {
  readonly beforeMs: number;
  readonly afterMs: number;
  /** What the other clock showed: it may have been any time from the first to the second. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** By how much this machine's clock is ahead of the other (behind: below 0), at least. */
export function skewOf({ beforeMs, afterMs, fromMs, toMs }: ClockReading): number {
  return Math.max(0, beforeMs - toMs) - Math.max(0, fromMs - afterMs);
}

/** What a skew means. The time that an outcome is safe is told by the worker's clock, and deadlines by Temporal's. */
export function judgeSkew(reading: ClockReading, whose: string): Finding {
  const skewMs = skewOf(reading);
  const sizeMs = Math.abs(skewMs);
  if (sizeMs <= WARN_BEYOND_MS)
    return ok(`this machine's clock and ${whose} agree within ${formatDuration(WARN_BEYOND_MS)}`);
  const found = `this machine's clock is ${formatDuration(sizeMs)} ${skewMs > 0 ? 'ahead of' : 'behind'} ${whose}`;
  return sizeMs > FAIL_BEYOND_MS ? failure(found, REMEDY) : warning(found, REMEDY);
}
