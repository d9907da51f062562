import { plainText } from '../platform/plain-text.js';

/** In any grouping, with or without a plus sign; not part of a word or of an ID such as a UUID. */
const PHONE_NUMBER = /(?<![\w-])\+?\(?\d[\d ().-]{5,20}\d(?![\w-])/g;
const ISO_DATE = /^\d{4}-\d\d-\d\d/;
const MAX_TEXT_LENGTH = 500;

/** Text, or a pattern with the global flag, that must not be shown. */
export type Secret = string | RegExp;

/**
 * Makes text from the API safe to store and show: plain text without `secrets` and without anything like a phone number, at most
 * 500 characters.
 */
export function redact(text: string, secrets: readonly Secret[]): string {
  let redacted = plainText(text);
  for (const secret of secrets) {
    if (secret !== '') redacted = redacted.replaceAll(secret, '[redacted]');
  }
  redacted = redacted.replace(PHONE_NUMBER, (found) => (isPhoneNumber(found) ? '[phone number]' : found));
  // Not in the middle of a surrogate pair.
  return redacted.length <= MAX_TEXT_LENGTH ? redacted : `${plainText(redacted.slice(0, MAX_TEXT_LENGTH - 1))}…`;
}

/** E.164 allows 15 digits; fewer than 9, or than 7 after a plus sign, are something else. */
function isPhoneNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  return digits <= 15 && digits >= (text.startsWith('+') ? 7 : 9) && !ISO_DATE.test(text);
}

/** Matches a phone number by its last digits: in any grouping, with or without plus sign, country code or trunk zero. */
export function phoneNumberPattern(phoneNumber: string): RegExp {
  const subscriber = (phoneNumber.match(/\d/g) ?? []).slice(-7).join(String.raw`[\s().-]*`);
  return new RegExp(subscriber === '' ? '(?!)' : String.raw`(?:\+?\(?\d[\d\s().-]{0,20})?${subscriber}`, 'g');
}
