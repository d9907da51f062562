import { createHmac, randomBytes } from 'node:crypto';

/** The key of one database, so that no table of hashed numbers fits two of them. */
export function newNumberKey(): string {
  return randomBytes(32).toString('hex');
}

/**
 * What stands for the number of an erased person where it must go on being recognized. Not anonymous: there are few enough
 * numbers for whoever has the key to try them all.
 */
export function pseudonymOf({ numberKey }: { readonly numberKey: string }, number: string): string {
  const hash = createHmac('sha256', Buffer.from(numberKey, 'hex')).update(number).digest('hex');
  return `${ERASED_PREFIX}${hash}`;
}

/** Begins what stands in the place of a number. No number begins so. */
export const ERASED_PREFIX = 'erased:';
