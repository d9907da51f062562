import { type FailureType, isRetryableFailureType } from '../contract/failures.js';

/** The failure types that a request can end with. */
export type PolyAiErrorKind = Exclude<
  FailureType,
  'CallStatusExpired' | 'MonitorDeadlineExceeded' | 'OutcomeStoreUnavailable' | 'InvalidActivityResult' | 'InvalidInput'
>;

export interface PolyAiErrorOptions {
  readonly kind: PolyAiErrorKind;
  readonly retryable?: boolean | undefined;
  readonly httpStatus?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly notSent?: boolean | undefined;
  readonly cause?: unknown;
}

/** A failed request to the PolyAI API. Contains neither the token nor a phone number. */
export class PolyAiError extends Error {
  override readonly name = 'PolyAiError';
  readonly kind: PolyAiErrorKind;
  /** Whether the request can be repeated safely and may then succeed. */
  readonly retryable: boolean;
  /** HTTP status of the response; absent without a response. */
  readonly httpStatus: number | undefined;
  /** The API's error code, from the body of the response. */
  readonly errorCode: string | undefined;
  /** The API's correlation ID, which its support asks for. */
  readonly correlationId: string | undefined;
  /** `Retry-After`, in milliseconds from the arrival of the response; without an upper bound. */
  readonly retryAfterMs: number | undefined;
  /**
   * The API certainly never received the request: the request limiter or the auth circuit breaker stopped it. Not set when the
   * client was closed. Of a trigger also set when it had no connection or no token, or when the client was closed.
   */
  readonly notSent: boolean;

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

  /** A copy of this error with something else about it. */
  with(change: Partial<Pick<PolyAiErrorOptions, 'kind' | 'retryable' | 'retryAfterMs' | 'notSent'>>): PolyAiError {
    const { kind, httpStatus, errorCode, correlationId, retryAfterMs, notSent, cause } = this;
    const same = { kind, httpStatus, errorCode, correlationId, retryAfterMs, notSent, cause };
    return new PolyAiError(this.message, { ...same, ...change });
  }
}

/**
 * The meaning of an HTTP status other than 200.
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
