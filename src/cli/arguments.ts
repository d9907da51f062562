import { InvalidArgumentError } from 'commander';

import { CALL_SID_EXPECTATION, isCallSid } from '../contract/call.js';
import { formatDuration, parseDurationMs } from '../contract/duration.js';
import { DURATION_RULES } from '../workflows/monitor-input.js';

/** Checks a call SID. */
export function callSidArgument(value: string): string {
  if (isCallSid(value)) return value;
  throw new InvalidArgumentError(`Invalid call SID: ${CALL_SID_EXPECTATION}.`);
}

/** Checks a duration by the rule that the monitor itself has for it. */
export function durationArgument(name: keyof typeof DURATION_RULES): (value: string) => number {
  const { minMs, maxMs } = DURATION_RULES[name];
  return (value) => {
    const ms = parseDurationMs(value);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    const range = `from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
    throw new InvalidArgumentError(`It must be a duration ${range}, such as "3s", "90s" or "2h".`);
  };
}

/** A TCP port; 0 stands for any free one. */
export function portArgument(value: string): number {
  return numberArgument(value, { max: 65_535, isWhole: true });
}

/** A seed of random numbers. */
export function seedArgument(value: string): number {
  return numberArgument(value, { max: 2 ** 32 - 1, isWhole: true });
}

/** A share, from 0 to 1. */
export function probabilityArgument(value: string): number {
  return numberArgument(value, { max: 1, isWhole: false });
}

interface NumberRule {
  readonly max: number;
  readonly isWhole: boolean;
}

function numberArgument(value: string, { max, isWhole }: NumberRule): number {
  const number = /^\d*\.?\d+$/.test(value) ? Number(value) : NaN;
  if (number <= max && (!isWhole || Number.isInteger(number))) return number;
  throw new InvalidArgumentError(`It must be a ${isWhole ? 'whole ' : ''}number from 0 to ${max}.`);
}
