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

/** Errors of a connection that was never made, so that no request was written to it. */
const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * The only place that decides whether a call may be dialled again: only after what certainly never reached the vendor, or was
 * rejected by it before it dialled. Everything else may have dialled, a 500 and a timeout included. Pure.
 */
export function dialFailureOf(error: unknown): DialFailure {
  if (error instanceof LateRequestError) return { kind: 'not-sent', then: 'again', reason: error.message };
  if (!(error instanceof PolyAiError)) return { kind: 'ambiguous', reason: `${nameOf(error)} during the request` };
  const { message: reason, httpStatus, retryAfterMs, notSent } = error;
  if (notSent || httpStatus === 429 || hasNeverConnected(error)) {
    return { kind: 'not-sent', then: 'again', reason, retryAfterMs };
  }
  if (httpStatus === 401) return { kind: 'not-sent', then: 'stop', reason };
  if (httpStatus === 400) return { kind: 'not-sent', then: 'invalid-contact', reason };
  return { kind: 'ambiguous', reason };
}

function hasNeverConnected({ httpStatus, cause }: PolyAiError): boolean {
  if (httpStatus !== undefined || !(cause instanceof Error)) return false;
  return NEVER_CONNECTED.includes((cause as NodeJS.ErrnoException).code ?? '');
}

/** The message of an unforeseen error may contain the number. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'an error';
}
