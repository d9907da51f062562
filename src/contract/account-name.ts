const ACCOUNT_NAME_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** What an account's name looks like, for error messages. */
export const ACCOUNT_NAME_EXPECTATION = 'letters, digits, "-", "_" and ".", at most 64 of them';

/** Whether `value` can be the name that a worker knows an account of PolyAI by. */
export function isAccountName(value: unknown): value is string {
  return typeof value === 'string' && ACCOUNT_NAME_PATTERN.test(value);
}
