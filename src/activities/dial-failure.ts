import type { NotSent } from '../campaigns/store.js';
import { PolyAiError } from '../polyai/errors.js';

/** What a failed trigger request means for the attempt. */
export type DialFailure =
  | { readonly kind: 'ambiguous'; readonly reason: string }
  | ({ readonly kind: 'not-sent' } & Pick<NotSent, 'reason' | 'then' | 'retryAfterMs'>);

/** The request was not sent, because the check before it was too long ago. */
export class LateRequestError extends Error {
  override readonly name = 'LateRequestError';

  constructor() {
    super('not sent: too long after the last check');
  }
}

/**
 * The only place that decides whether a call may be dialled again: only after what certainly never reached the vendor, or was
 * rejected by it before it dialled. Everything else may have dialled, a 500 and a timeout included. Pure.
 */
export function dialFailureOf(error: unknown): DialFailure {
  if (error instanceof LateRequestError) return { kind: 'not-sent', then: 'again', reason: error.message };
  if (!(error instanceof PolyAiError)) return { kind: 'ambiguous', reason: `${nameOf(error)} during the request` };
  const { message: reason, kind, httpStatus, retryAfterMs, notSent } = error;
  // Without a token that can be sent every call would fail.
  if (httpStatus === 401 || (notSent && kind === 'Unauthorized')) return { kind: 'not-sent', then: 'stop', reason };
  if (notSent || httpStatus === 429) return { kind: 'not-sent', then: 'again', reason, retryAfterMs };
  if (httpStatus === 400) return { kind: 'not-sent', then: 'invalid-contact', reason };
  return { kind: 'ambiguous', reason };
}

/** The message of an unforeseen error may contain the number. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'an error';
}
