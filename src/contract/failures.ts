import type { MonitorFailureDetails } from './monitor.js';

/** Every `ApplicationFailure.type` that this package raises, and whether Temporal retries it by itself. */
export const FAILURE_TYPES = {
  /** The SID cannot be one, or the API said so (400). */
  InvalidCallSid: { retryable: false },
  /** The API refused the token (401, 403). */
  Unauthorized: { retryable: false },
  /** The API knows no such call (404), and never did for this monitor. */
  CallNotFound: { retryable: false },
  /** The API knew the call and has forgotten it (404 after a good answer; it keeps a status for about 2 h). */
  CallStatusExpired: { retryable: false },
  /** The API, or something before it, turned the request down (3xx, other 4xx). */
  RequestRejected: { retryable: false },
  /** Too many requests (429). */
  RateLimited: { retryable: true },
  /** The API could not answer (408, 5xx, connection error, timeout). */
  PolyAiUnavailable: { retryable: true },
  /** The API answered 200 with something that is not a call status. */
  InvalidResponse: { retryable: true },
  /** The monitor's deadline passed before the call had a final status. */
  MonitorDeadlineExceeded: { retryable: false },
  /** The outcome store could not be read or written; see `saveOutcome`. */
  OutcomeStoreUnavailable: { retryable: true },
  /** The workflow's input is not what it must be. */
  InvalidInput: { retryable: false },
} as const satisfies Readonly<Record<string, { readonly retryable: boolean }>>;

export type FailureType = keyof typeof FAILURE_TYPES;

/** Whether a failure of this type may pass by itself, so that trying again makes sense. */
export function isRetryableFailureType(type: FailureType): boolean {
  return FAILURE_TYPES[type].retryable;
}

/** Whether `type` names a failure of this package. */
export function isFailureType(type: unknown): type is FailureType {
  return typeof type === 'string' && Object.hasOwn(FAILURE_TYPES, type);
}

/** Why a monitor ended without a final status. */
export interface MonitorFailure {
  readonly type: FailureType;
  readonly message: string;
  /** What the monitor had seen; absent for input that was refused. */
  readonly details?: MonitorFailureDetails;
}

/**
 * The failure of this package inside what awaiting a monitor threw: in a backend or in a parent workflow, directly or as
 * a cause. `undefined` for any other error.
 */
export function monitorFailureOf(error: unknown): MonitorFailure | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const { name, message, type, details } = inner as Error & { type?: unknown; details?: unknown };
    if (name !== 'ApplicationFailure' || !isFailureType(type)) continue;
    const [first] = (Array.isArray(details) ? details : []) as [MonitorFailureDetails?];
    return { type, message, ...(first && { details: first }) };
  }
  return undefined;
}
