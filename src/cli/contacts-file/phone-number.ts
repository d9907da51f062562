import {
  type CountryCode,
  isSupportedCountry,
  ParseError,
  type PhoneNumber,
  parsePhoneNumberWithError,
} from 'libphonenumber-js/max';

import { e164 } from '../../campaigns/e164.js';
import { CliError, EXIT_CODES } from '../terminal.js';

/** A number that can be dialled. */
export interface ParsedNumber {
  /** E.164. */
  readonly number: string;
  readonly callingCode: string;
  /** ISO 3166-1; absent when several share the numbering plan, and the number does not say which. */
  readonly country: string | undefined;
  /** Whether its first digits say where it is. */
  readonly isGeographic: boolean;
}

/** A cell that was no number, and why. */
export class NumberError extends Error {
  override readonly name = 'NumberError';
}

/** @throws {CliError} when the numbering plan of the country is not known */
export function knownCountry(country: string | undefined): CountryCode | undefined {
  if (country === undefined || isSupportedCountry(country)) return country;
  throw new CliError(`--country: the numbers of "${country}" are not known`, EXIT_CODES.usage);
}

/** `4.47E+11`: what a spreadsheet makes of a number. */
const SCIENTIFIC = /^\d[.,]?\d*e\+\d+$/i;

const PROBLEMS: Readonly<Record<string, string>> = {
  INVALID_COUNTRY: 'has no country code: write + and the code before the number, or give --country',
  TOO_SHORT: 'has too few digits',
  TOO_LONG: 'has too many digits',
};

/**
 * Reads a phone number as people write it. Only its length is checked: numbering plans change faster than the library.
 *
 * @param country of a number without a country code
 * @throws {NumberError} which does not show the number
 */
export function parseNumber(written: string, country: CountryCode | undefined): ParsedNumber {
  // A spreadsheet marks text with an apostrophe.
  const text = written.replace(/^'/, '').trim();
  if (SCIENTIFIC.test(text)) {
    throw new NumberError('was shortened by a spreadsheet: format the column as text before you enter numbers');
  }
  const number = parsed(text, country);
  if (number.ext !== undefined) throw new NumberError('has an extension, which cannot be dialled');
  if (!number.isPossible()) throw new NumberError('has too few or too many digits for its country');
  try {
    return {
      number: e164(number.number, 'the number'),
      callingCode: number.countryCallingCode,
      country: number.country,
      isGeographic: isGeographic(number),
    };
  } catch {
    throw new NumberError('is not a phone number that can be dialled from abroad');
  }
}

/** Countries whose mobile numbers have an area code: China, Mexico, Argentina, Brazil, Indonesia; as in Google's library. */
const MOBILE_AREA_CODES = new Set(['52', '54', '55', '62', '86']);

function isGeographic(number: PhoneNumber): boolean {
  const type = number.getType();
  if (type === 'MOBILE') return MOBILE_AREA_CODES.has(number.countryCallingCode);
  return type === 'FIXED_LINE' || type === 'FIXED_LINE_OR_MOBILE';
}

function parsed(text: string, country: CountryCode | undefined): PhoneNumber {
  try {
    return parsePhoneNumberWithError(text, { ...(country && { defaultCountry: country }), extract: false });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new NumberError(PROBLEMS[error.message] ?? 'is not a phone number');
  }
}
