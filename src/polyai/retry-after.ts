const MONTH = '(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const TIME = String.raw`(?<time>\d\d:\d\d:\d\d)`;

/** The three forms of an HTTP-date. Source: RFC 9110, section 5.6.7. */
const HTTP_DATES = [
  new RegExp(String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) ${MONTH} (?<year>\d{4}) ${TIME} GMT$`),
  new RegExp(String.raw`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-${MONTH}-(?<year>\d\d) ${TIME} GMT$`),
  new RegExp(String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`),
];

/**
 * The wait that a `Retry-After` header asks for, in milliseconds; `undefined` when it is missing or malformed.
 * Both forms of RFC 9110, section 10.2.3: seconds, or an HTTP-date. A date in the past means 0.
 */
export function parseRetryAfterMs(header: string | string[] | undefined, nowMs: number): number | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.trim();
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const dateMs = parseHttpDate(value, nowMs);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/** Epoch milliseconds of an HTTP-date, or NaN. */
export function parseHttpDate(value: string, nowMs: number): number {
  for (const form of HTTP_DATES) {
    const { day, month, year, time } = form.exec(value)?.groups ?? {};
    if (year) return Date.parse(`${day?.trim()} ${month} ${fullYear(year, nowMs)} ${time} GMT`);
  }
  return NaN;
}

/** A year of two digits is of this century, unless that is more than 50 years ahead. */
function fullYear(year: string, nowMs: number): number {
  if (year.length === 4) return Number(year);
  const thisYear = new Date(nowMs).getUTCFullYear();
  const inThisCentury = thisYear - (thisYear % 100) + Number(year);
  return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury;
}
