/** Wall clocks by the runtime's own calendar: independent of the library that the code under test uses. */
const clocks = new Map<string, Intl.DateTimeFormat>();

interface WallClock {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** `mon`, `tue`, … */
  readonly weekday: string;
  /** `HH:MM:SS`. */
  readonly time: string;
}

export const ZONES = Intl.supportedValuesOf('timeZone');

function wallClock(zone: string, ms: number): WallClock {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    });
  clocks.set(zone, clock);
  const parts = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, value]));
  return {
    day: `${parts['year']}-${parts['month']}-${parts['day']}`,
    weekday: parts['weekday']!.toLowerCase(),
    time: `${parts['hour']}:${parts['minute']}:${parts['second']}`,
  };
}

/** How far a zone's wall clock is ahead of UTC, in milliseconds. */
export function offsetMs(zone: string, ms: number): number {
  const { day, time } = wallClock(zone, ms);
  return Date.parse(`${day}T${time}Z`) - Math.floor(ms / 1_000) * 1_000;
}

interface WindowRules {
  readonly windows: readonly { readonly days: readonly string[]; readonly from: string; readonly until: string }[];
  readonly holidays: readonly string[];
  readonly closeMarginMs: number;
}

/** Whether the wall clock of a zone allows a call: the window that is open stays open for the margin. */
export function isAllowed({ windows, holidays, closeMarginMs }: WindowRules, zone: string, ms: number): boolean {
  const now = wallClock(zone, ms);
  const last = closeMarginMs === 0 ? now : wallClock(zone, ms + closeMarginMs - 1);
  return (
    !holidays.includes(now.day) &&
    now.day === last.day &&
    windows.some(
      ({ days, from, until }) =>
        days.includes(now.weekday) && [now, last].every(({ time }) => time >= `${from}:00` && time < `${until}:00`),
    )
  );
}
