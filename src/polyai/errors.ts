import { type FailureType, isRetryableFailureType } from '../contract/failures.js';

/** What went wrong with a request, in the words of `FailureType`. */
export type PolyAiErrorKind = Exclude<
  FailureType,
  'CallStatusExpired' | 'MonitorDeadlineExceeded' | 'OutcomeStoreUnavailable' | 'InvalidInput'
>;

interface PolyAiErrorOptions {
  readonly kind: PolyAiErrorKind;
  readonly retryable?: boolean | undefined;
  readonly httpStatus?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly notSent?: boolean | undefined;
  readonly cause?: unknown;
}

/** A request to the PolyAI API that did not give what was asked for. Holds neither the token nor a phone number. */
export class PolyAiError extends Error {
  override readonly name = 'PolyAiError';
  readonly kind: PolyAiErrorKind;
  /** Whether the same request may be sent again: it may succeed then, and nothing happens twice. */
  readonly retryable: boolean;
  /** HTTP status of the answer; absent when there was none. */
  readonly httpStatus: number | undefined;
  /** The API's own error code, from the answer's body. */
  readonly errorCode: string | undefined;
  /** The API's correlation ID: what its support asks for. */
  readonly correlationId: string | undefined;
  /** What the answer's `Retry-After` asked for, in milliseconds from the answer's arrival; not bounded. */
  readonly retryAfterMs: number | undefined;
  readonly notSent: boolean = false;

  constructor(message: string, options: PolyAiErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = options.kind;
    this.retryable = options.retryable ?? isRetryableFailureType(options.kind);
    this.httpStatus = options.httpStatus;
    this.errorCode = options.errorCode;
    this.correlationId = options.correlationId;
    this.retryAfterMs = options.retryAfterMs;
    this.notSent = options.notSent ?? false;
  }

  /** The same error, seen as another kind. */
  with(change: Pick<PolyAiErrorOptions, 'kind' | 'retryable'>): PolyAiError {
    const { httpStatus, errorCode, correlationId, retryAfterMs, notSent, cause } = this;
    const same = { httpStatus, errorCode, correlationId, retryAfterMs, notSent, cause };
    return new PolyAiError(this.message, { ...same, ...change });
  }
}

/**
 * What an HTTP status other than 200 means.
 *
 * Source: the vendor's "Get call status" page and OpenAPI document for 400, 401, 404 and 500; RFC 9110 for the rest.
 */
export function errorKindOfHttpStatus(status: number): PolyAiErrorKind {
  switch (status) {
    case 400:
      return 'InvalidCallSid';
    case 401:
    case 403:
      return 'Unauthorized';
    case 404:
      return 'CallNotFound';
    case 408:
      return 'PolyAiUnavailable';
    case 429:
      return 'RateLimited';
    default:
      return status >= 500 ? 'PolyAiUnavailable' : status >= 300 ? 'RequestRejected' : 'InvalidResponse';
  }
}
