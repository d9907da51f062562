import { E164_NUMBER } from '../contract/phone-number.js';
import { CampaignError } from './errors.js';

/** What people write between the digits of a number. */
const SEPARATORS = /[\s().\-\u2010-\u2015]/g;

/**
 * A phone number in the one form in which numbers are stored and compared: E.164, without separators.
 *
 * @param name of the number in an error, which does not show it
 * @throws {CampaignError} `invalid-number`
 */
export function e164(number: unknown, name: string): string {
  // The trunk prefix of `+44 (0)7700 900003` is no part of the number.
  const isPlain = typeof number === 'string' && !/\(\s*0\s*\)/.test(number);
  const compact = isPlain ? number.replaceAll(SEPARATORS, '') : '';
  if (E164_NUMBER.test(compact)) return compact;
  throw new CampaignError(
    `${name} is not an E.164 number: write + and the country code before it, as in +14155552671`,
    'invalid-number',
  );
}
