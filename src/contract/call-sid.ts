const CALL_SID_PATTERN = /^OUT-[A-Za-z0-9_-]+$/;
const MAX_CALL_SID_LENGTH = 128;

/** What a call SID looks like, for error messages. */
export const CALL_SID_EXPECTATION =
  'a call SID starts with "OUT-", holds only letters, digits, "-" and "_", and is at most 128 characters long';

/** Whether `value` can be a PolyAI call SID: `OUT-` and then letters, digits, `-` or `_`; at most 128 characters. */
export function isCallSid(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_CALL_SID_LENGTH && CALL_SID_PATTERN.test(value);
}
