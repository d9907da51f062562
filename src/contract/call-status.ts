/** Statuses of a call that has not ended. */
export const IN_PROGRESS_STATUSES = ['queued', 'calling'] as const;

/** Statuses of a call that has ended. The vendor never changes them afterwards. */
export const TERMINAL_STATUSES = ['success', 'failure'] as const;

export type InProgressStatus = (typeof IN_PROGRESS_STATUSES)[number];
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

/** What a status word means. `unknown` is a word this version has not met: not terminal, so keep polling. */
export type CallStatusClass =
  | { readonly kind: 'in-progress'; readonly status: InProgressStatus }
  | { readonly kind: 'terminal'; readonly status: TerminalStatus }
  | { readonly kind: 'unknown'; readonly status: string };

/** Classifies a status word as the API sent it. Letter case and surrounding white space are ignored. */
export function classifyCallStatus(rawStatus: string): CallStatusClass {
  const status = rawStatus.trim().toLowerCase();
  if (isOneOf(TERMINAL_STATUSES, status)) return { kind: 'terminal', status };
  if (isOneOf(IN_PROGRESS_STATUSES, status)) return { kind: 'in-progress', status };
  return { kind: 'unknown', status };
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}
