const CALL_SID_PATTERN = /^OUT-[A-Za-z0-9_-]+$/;
const MAX_CALL_SID_LENGTH = 128;

/** The format of a call SID, for error messages. */
export const CALL_SID_FORMAT =
  'text that starts with "OUT-", has only letters, digits, "-" and "_", and is at most 128 characters long';

/** Whether `value` is a well-formed PolyAI call SID: `OUT-`, then letters, digits, `-` or `_`; at most 128 characters. */
export function isCallSid(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_CALL_SID_LENGTH && CALL_SID_PATTERN.test(value);
}

/** The message of every error about a malformed call SID. */
export const INVALID_CALL_SID_MESSAGE = `invalid callSid: expected ${CALL_SID_FORMAT}`;

/** @throws {TypeError} for a malformed call SID */
export function requireCallSid(value: unknown): asserts value is string {
  if (!isCallSid(value)) throw new TypeError(INVALID_CALL_SID_MESSAGE);
}

/** A status of a call that has not ended. */
export type InProgressStatus = 'queued' | 'calling';

/** A status of a call that has ended. The vendor never changes it afterwards. */
export type TerminalStatus = 'success' | 'failure';

export const IN_PROGRESS_STATUSES: readonly InProgressStatus[] = ['queued', 'calling'];

export const TERMINAL_STATUSES: readonly TerminalStatus[] = ['success', 'failure'];

/** The class of a status. `unknown` is a status that this version does not know: it is not terminal, so keep polling. */
export type CallStatusClass =
  | { readonly kind: 'in-progress'; readonly status: InProgressStatus }
  | { readonly kind: 'terminal'; readonly status: TerminalStatus }
  | { readonly kind: 'unknown'; readonly status: string };

/** Classifies a status as the API sent it. Letter case and surrounding white space are ignored. */
export function classifyCallStatus(rawStatus: string): CallStatusClass {
  const status = rawStatus.trim().toLowerCase();
  if (isOneOf(TERMINAL_STATUSES, status)) return { kind: 'terminal', status };
  if (isOneOf(IN_PROGRESS_STATUSES, status)) return { kind: 'in-progress', status };
  return { kind: 'unknown', status };
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}

const ACCOUNT_NAME_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** The format of an account name, for error messages. */
export const ACCOUNT_NAME_FORMAT = 'letters, digits, "-", "_" and ".", at most 64 of them';

/** Whether `value` is a well-formed name of a PolyAI account. */
export function isAccountName(value: unknown): value is string {
  return typeof value === 'string' && ACCOUNT_NAME_PATTERN.test(value);
}
