/** E.164 allows 15 digits. */
const MAX_DIGITS = 15;

/** Fewer digits are something else. */
const MIN_DIGITS = { withPlus: 7, withoutPlus: 9 } as const;

/** What follows a number with fewer digits than these is no part of it, but a code such as SIP's 486. */
const MIN_TAIL_DIGITS = 5;

const PLUS = String.raw`(?:[+\uff0b]|%2[Bb])`;

/** Between two digits: white space, hyphens and invisible characters of any kind, dots, slashes, parentheses. */
const SEPARATOR = String.raw`[\s\p{Pd}\p{Cf}\u2212./()]`;

/** Digits that are no phone number: call SIDs, UUIDs, and dates and times of ISO 8601. */
const OTHER = [
  String.raw`\bOUT-[A-Za-z0-9_-]+`,
  String.raw`(?<![0-9A-Fa-f-])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Fa-f])`,
  String.raw`(?<!\p{Nd})(?:19|20)\d\d-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])(?!\p{Nd})(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?`,
].join('|');

/** Not after a letter, as in a hexadecimal ID, unless with a plus sign. */
const DIGITS = String.raw`(?:(?<plus>${PLUS})${SEPARATOR}{0,4}|(?<![\p{L}\p{N}])\(?)(?<digits>\p{Nd}(?:${SEPARATOR}{0,4}\p{Nd})*)`;
const EXTENSION = String.raw`(?<extension>\s?(?:x|ext\.?|#)\s?\p{Nd}{1,6}(?![\p{L}\p{N}]))`;
const CANDIDATE = new RegExp(`${OTHER}|${DIGITS}(?:${EXTENSION}|(?<letter>(?=\\p{L}))|)`, 'gu');

const DIGIT = /\p{Nd}/gu;
const REPLACEMENT = '[phone number]';

interface Candidate {
  readonly plus?: string;
  readonly digits?: string;
  readonly extension?: string;
  /** Whether a letter follows. */
  readonly letter?: string;
}

/**
 * Replaces whatever looks like a phone number, in any grouping.
 *
 * Not with `libphonenumber-js`: without a country it finds only numbers with a plus sign.
 */
export function hidePhoneNumbers(text: string): string {
  return text.replace(CANDIDATE, (found: string, ...rest: unknown[]) => hide(found, rest.at(-1) as Candidate));
}

function hide(found: string, { plus, digits, letter }: Candidate): string {
  if (digits === undefined) return found;
  const count = countDigits(digits);
  if (count < (plus === undefined ? MIN_DIGITS.withoutPlus : MIN_DIGITS.withPlus)) return found;
  const groups = digits.split(/(?<=\p{Nd})(?!\p{Nd})/u);
  // One run of digits before a letter is an ID, and so is one that is too long.
  if (plus === undefined && groups.length === 1 && (letter !== undefined || count > MAX_DIGITS)) return found;
  const tail = tailOf(groups);
  return countDigits(tail) < MIN_TAIL_DIGITS ? REPLACEMENT + tail : REPLACEMENT;
}

/** The groups after those that a number can have; at least one belongs to it. */
function tailOf(groups: readonly string[]): string {
  let count = 0;
  const end = groups.findIndex((group, index) => (count += countDigits(group)) > MAX_DIGITS && index > 0);
  return end < 0 ? '' : groups.slice(end).join('');
}

function countDigits(text: string): number {
  return text.match(DIGIT)?.length ?? 0;
}

/** Matches a phone number by its last digits: in any grouping, with or without plus sign, country code or trunk zero. */
export function phoneNumberPattern(phoneNumber: string): RegExp {
  const subscriber = (phoneNumber.match(DIGIT) ?? []).slice(-7).join(`${SEPARATOR}*`);
  const before = String.raw`(?:${PLUS}?\(?\p{Nd}(?:${SEPARATOR}|\p{Nd}){0,20})?`;
  return new RegExp(subscriber === '' ? '(?!)' : `${before}${subscriber}`, 'gu');
}
