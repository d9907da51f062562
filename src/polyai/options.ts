import type { TokenFunction } from './credentials.js';

/** Options of `PolyAiClient`. */
export interface PolyAiClientOptions {
  /** Base URL of the API; see `REGION_BASE_URLS`. https, or http to loopback. */
  readonly baseUrl: string;
  /**
   * The authentication token, or where to get it: a function is called for each request, and again when the API has refused
   * what it gave. See `tokenFile` for one that reads a file.
   */
  readonly token: string | TokenFunction;
  /**
   * How long a request may take, from its start to the answer's last byte, in milliseconds. The wait to be sent does not
   * count; see `maxWaitMs`.
   * @default 10_000
   */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * How many requests may be under way at once, over as many connections at most. Others wait, first come first served.
   * @default 128
   */
  readonly maxConcurrentRequests?: number | undefined;
  /**
   * Requests per second at most, of all calls together; below 1 is fine, 0.5 is one in 2 s. After a pause as many go at
   * once as fit into a tenth of a second, and one at any rate. The vendor limits an account, so share it out among workers.
   * @default no limit, until the API answers 429 or fails widely; see `PolyAiClient.throttling`
   */
  readonly maxRequestsPerSecond?: number | undefined;
}

/** @throws {TypeError | RangeError} naming the option that is wrong and what was expected */
export function checkLimits({ maxConcurrentRequests, maxRequestsPerSecond }: PolyAiClientOptions): void {
  checkNumber('maxConcurrentRequests', maxConcurrentRequests, 'a whole number from 1', (value) => {
    return Number.isSafeInteger(value) && value >= 1;
  });
  checkNumber('maxRequestsPerSecond', maxRequestsPerSecond, 'a number above 0', (value) => value > 0);
}

/** @throws {TypeError | RangeError} naming what is wrong and what was expected */
export function checkMaxWait(maxWaitMs: number | undefined): void {
  checkNumber('maxWaitMs', maxWaitMs, 'milliseconds from 0', (value) => value >= 0);
}

function checkNumber(name: string, value: unknown, expected: string, isFine: (value: number) => boolean): void {
  if (value === undefined) return;
  if (typeof value !== 'number') throw new TypeError(`${name} must be ${expected}, not a ${typeof value}`);
  if (!isFine(value)) throw new RangeError(`${name} must be ${expected}, not ${value}`);
}
