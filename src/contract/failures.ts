import type { MonitorFailureDetails } from './monitor.js';

/** The type of a failure that this package raises (`ApplicationFailure.type`). */
export type FailureType =
  | 'InvalidCallSid'
  | 'Unauthorized'
  | 'CallNotFound'
  | 'CallStatusExpired'
  | 'RequestRejected'
  | 'RateLimited'
  | 'PolyAiUnavailable'
  | 'InvalidResponse'
  | 'MonitorDeadlineExceeded'
  | 'OutcomeStoreUnavailable'
  | 'InvalidActivityResult'
  | 'InvalidInput';

/** Every failure type, and whether Temporal retries it by default. */
export const FAILURE_TYPES = {
  /** The call SID is malformed, or the API rejected it (400). */
  InvalidCallSid: { retryable: false },
  /** The API rejected the token (401, 403). */
  Unauthorized: { retryable: false },
  /** The API does not know the call (404), and this monitor never observed it. */
  CallNotFound: { retryable: false },
  /** The call was observed, and its status has expired since (404; the API stores a status for about 2 h). */
  CallStatusExpired: { retryable: false },
  /** The API, or a proxy before it, rejected the request (3xx, other 4xx). */
  RequestRejected: { retryable: false },
  /** Too many requests (429). */
  RateLimited: { retryable: true },
  /** The API could not answer (408, 5xx, connection error, timeout). */
  PolyAiUnavailable: { retryable: true },
  /** The API answered 200 with a body that is not a call status. */
  InvalidResponse: { retryable: true },
  /** The monitor's deadline passed before the call had a terminal status. */
  MonitorDeadlineExceeded: { retryable: false },
  /** The outcome store could not be read or written; see `saveOutcome`. */
  OutcomeStoreUnavailable: { retryable: true },
  /** An activity returned what is not its own result: a worker has another activity with its name. */
  InvalidActivityResult: { retryable: false },
  /**
   * The workflow's input is invalid, or names an account that the worker does not serve. Retryable where another worker may
   * serve the account.
   */
  InvalidInput: { retryable: false },
} as const satisfies Readonly<Record<FailureType, { readonly retryable: boolean }>>;

/** Whether a failure of this type is transient, so that a retry makes sense. */
export function isRetryableFailureType(type: FailureType): boolean {
  return FAILURE_TYPES[type].retryable;
}

/** Whether `type` names a failure of this package. */
export function isFailureType(type: unknown): type is FailureType {
  return typeof type === 'string' && Object.hasOwn(FAILURE_TYPES, type);
}

/** Why a monitor ended without a terminal status. */
export interface MonitorFailure {
  readonly type: FailureType;
  readonly message: string;
  /** What the monitor had observed; absent when its input was invalid. */
  readonly details?: MonitorFailureDetails;
}

/**
 * Finds this package's failure in an error thrown by awaiting a monitor, in a backend or in a parent workflow: the error
 * itself or one of its causes. `undefined` for any other error.
 */
export function monitorFailureOf(error: unknown): MonitorFailure | undefined {
  for (const { name, message, type, details } of causesOf(error)) {
    if (name !== 'ApplicationFailure' || !isFailureType(type)) continue;
    const [first] = details as readonly [MonitorFailureDetails?];
    return { type, message, ...(first && { details: first }) };
  }
  return undefined;
}

interface Cause {
  readonly name: string;
  readonly message: string;
  /** Of an `ApplicationFailure`. */
  readonly type: string | undefined;
  /** Of an `ApplicationFailure`. */
  readonly details: readonly unknown[];
}

/** An error and its causes, outermost first. Reads the SDK's failures by name, so that this folder needs no import. */
export function* causesOf(error: unknown): Generator<Cause> {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const { name, message, type, details } = inner as Error & { type?: unknown; details?: unknown };
    yield {
      name,
      message,
      type: typeof type === 'string' ? type : undefined,
      details: Array.isArray(details) ? details : [],
    };
  }
}
