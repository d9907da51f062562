import { plainText } from '../platform/plain-text.js';
import { hidePhoneNumbers } from './phone-numbers.js';

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
  redacted = hidePhoneNumbers(redacted);
  // Not in the middle of a surrogate pair.
  return redacted.length <= MAX_TEXT_LENGTH ? redacted : `${plainText(redacted.slice(0, MAX_TEXT_LENGTH - 1))}…`;
}
