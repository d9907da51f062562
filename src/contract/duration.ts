/**
 * A number of milliseconds, or text such as `"3s"`, `"90 s"`, `"1.5h"`, `"10 minutes"`.
 *
 * @minimum 0
 * @pattern ^\s*[0-9]+(\.[0-9]+)?\s*[A-Za-z]+\s*$
 */
export type DurationInput = number | string;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const UNITS = [
  { pattern: /^(ms|milliseconds?)$/, ms: 1 },
  { pattern: /^(s|secs?|seconds?)$/, ms: 1_000 },
  { pattern: /^(m|mins?|minutes?)$/, ms: 60_000 },
  { pattern: /^(h|hrs?|hours?)$/, ms: HOUR_MS },
  { pattern: /^(d|days?)$/, ms: DAY_MS },
] as const;

/** The format of a duration, for error messages. */
export const DURATION_FORMAT = 'a number of milliseconds, or text such as "3s", "90 s" or "2h"';

/** Whole milliseconds of a duration, or `undefined` for anything that is not one (negative numbers, bare digits as text, …). */
export function parseDurationMs(value: unknown): number | undefined {
  if (typeof value === 'number') return wholeMs(value);
  if (typeof value !== 'string') return undefined;
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(value.trim());
  const unit = UNITS.find(({ pattern }) => pattern.test(match?.[2]?.toLowerCase() ?? ''));
  return match && unit ? wholeMs(Number(match[1]) * unit.ms) : undefined;
}

function wholeMs(ms: number): number | undefined {
  return Number.isFinite(ms) && ms >= 0 ? Math.round(ms) : undefined;
}

/** Human-readable duration: `850 ms`, `3 s`, `2 min 5 s`, `4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const shown = parts.filter(([amount]) => amount > 0).slice(0, 2);
  return shown.map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}
