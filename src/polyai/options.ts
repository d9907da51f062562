import { MAX_TIMER_MS } from '../platform/abortable.js';
import type { TokenFunction } from './credentials.js';

export const DEFAULT_REQUEST_TIMEOUT_MS = 10_000;

export const DEFAULT_MAX_CONCURRENT_REQUESTS = 128;

/** Options of `PolyAiClient`. */
export interface PolyAiClientOptions {
  /** Base URL of the API; see `REGION_BASE_URLS`. https, or http to loopback. */
  readonly baseUrl: string;
  /**
   * The authentication token, or a function that returns it. The function is called for each request, and again when the
   * API has rejected the token it returned. `tokenFile` makes one that reads a file.
   */
  readonly token: string | TokenFunction;
  /**
   * Timeout of a request in milliseconds, from sending it to the last byte of the response. Waiting for the request
   * limiter does not count; see `RequestOptions.maxWaitMs`. At most 15_000 for a client that monitors poll with.
   * @default 10_000
   */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * Maximum number of concurrent requests, and of connections. Further requests wait: urgent ones go first, then those of calls
   * without a response yet, then those of calls that the API answers, then those of calls for which it fails.
   * @default 128
   */
  readonly maxConcurrentRequests?: number | undefined;
  /**
   * Maximum number of requests per second, for all calls together. May be below 1: 0.5 is one request every 2 s. After a
   * pause, a burst of a tenth of a second's requests, and at least one, is sent at once. PolyAI limits an account, so divide its limit among the
   * workers of the account.
   * @default no limit, until the API responds with 429 or fails for nearly all calls; see `PolyAiClient.throttling`
   */
  readonly maxRequestsPerSecond?: number | undefined;
}

/** Options of one request. */
export interface RequestOptions {
  /** Aborts the request, or its wait for the request limiter; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Longest wait for the request limiter, in milliseconds: for concurrent requests, for `maxRequestsPerSecond`, or while
   * the client is throttled. After that the request fails with a `PolyAiError` that is `notSent`; the call's next request then goes before
   * those that began to wait later.
   * @default no limit
   */
  readonly maxWaitMs?: number | undefined;
  /**
   * Whether someone waits for the response: the request goes before those that are not urgent. Triggers are always urgent.
   * @default false
   */
  readonly urgent?: boolean | undefined;
  /**
   * Sends the request even while the API rejects the token (see `PolyAiClient.tokenRejection`): for the first poll of a
   * call, which must not fail because of responses to other calls.
   * @default false
   */
  readonly bypassCircuit?: boolean | undefined;
  /** Called when the request leaves the request limiter; again when it is sent once more with a new token. */
  readonly onSent?: (() => void) | undefined;
  /**
   * Called when the request has a connection, directly before it is written to it. If it throws, the request is not sent and
   * fails with that error.
   */
  readonly beforeWrite?: (() => void) | undefined;
}

/** @throws {TypeError | RangeError} naming the invalid option and the expected value */
export function checkLimits(options: PolyAiClientOptions): void {
  const { requestTimeoutMs, maxConcurrentRequests, maxRequestsPerSecond } = options;
  checkNumber('requestTimeoutMs', requestTimeoutMs, `milliseconds from 1 to ${MAX_TIMER_MS}`, (value) => {
    return value >= 1 && value <= MAX_TIMER_MS;
  });
  checkNumber('maxConcurrentRequests', maxConcurrentRequests, 'a whole number from 1', (value) => {
    return Number.isSafeInteger(value) && value >= 1;
  });
  checkNumber('maxRequestsPerSecond', maxRequestsPerSecond, 'a number above 0', (value) => value > 0);
}

/** @throws {TypeError | RangeError} naming the invalid option and the expected value */
export function checkMaxWait({ maxWaitMs }: RequestOptions): void {
  checkNumber('maxWaitMs', maxWaitMs, 'milliseconds from 0', (value) => value >= 0);
}

function checkNumber(name: string, value: unknown, expected: string, isValid: (value: number) => boolean): void {
  if (value === undefined) return;
  if (typeof value !== 'number') throw new TypeError(`${name} must be ${expected}, not a ${typeof value}`);
  if (!isValid(value)) throw new RangeError(`${name} must be ${expected}, not ${value}`);
}
