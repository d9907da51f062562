import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A call, and when its outcome was known.
 *
 * @typedef {object} WatchedCall
 * @property {string} callSid
 * @property {number} bornAt
 * @property {number} endsAt from then on the API says that the call has ended; `Infinity` until that is decided
 * @property {boolean} isBegun in the monitor's care
 * @property {number} [knownAt] when the one who waits had the result
 * @property {boolean} isAwaited someone waits, or waited, for the result; otherwise the server is asked afterwards
 * @property {unknown} [error]
 */

/** How many results are being awaited. */
export class Waiters {
  #count = 0;

  /** @param {number} max */
  constructor(max) {
    this.max = max;
  }

  /**
   * Runs `wait` if there is a place.
   *
   * @param {() => Promise<unknown>} wait
   * @returns {Promise<unknown> | undefined}
   */
  admit(wait) {
    if (this.#count >= this.max) return undefined;
    this.#count += 1;
    return wait().finally(() => (this.#count -= 1));
  }
}

/** @param {string} callSid @param {number} bornAt @param {number} lengthMs @returns {WatchedCall} */
export function newCall(callSid, bornAt, lengthMs) {
  return { callSid, bornAt, endsAt: bornAt + lengthMs, isBegun: false, isAwaited: false };
}

/**
 * Puts a call into the monitor's care.
 *
 * @param {WatchedCall} call
 * @param {import('./shapes/shape.mjs').RunningShape} shape
 */
export async function begin(call, shape) {
  await shape.begin(call.callSid);
  call.isBegun = true;
}

/**
 * Waits for the result of a call whose end is decided, if there is a place: from the moment the call ends, for a long poll
 * that is held before would only be idle.
 *
 * @param {WatchedCall} call
 * @param {Promise<void>} begun
 * @param {{ shape: import('./shapes/shape.mjs').RunningShape, waiters: Waiters, signal: AbortSignal }} context
 */
export async function awaitResult(call, begun, { shape, waiters, signal }) {
  try {
    await Promise.all([begun, sleep(call.endsAt - Date.now(), undefined, { signal })]);
    const waiting = waiters.admit(() => shape.result(call.callSid));
    call.isAwaited = waiting !== undefined;
    await waiting;
    if (waiting) call.knownAt ??= Date.now();
  } catch (error) {
    if (!signal.aborted) call.error = error;
  }
}
