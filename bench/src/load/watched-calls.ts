import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import type { RunningShape } from '../shapes/shape.js';

const SETTLE_CHECK_MS = 500;
const DESCRIBES_AT_A_TIME = 20;

/** A simulated call, and when its result was known. Times in epoch milliseconds. */
export interface WatchedCall {
  readonly callSid: string;
  startedAt: number;
  /** When the API starts to answer that the call has ended; `Infinity` until that is decided. */
  endsAt: number;
  /** Whether the shape has accepted the call. */
  isMonitored: boolean;
  /** When the client that waits had the result. */
  knownAt?: number;
  /** Whether a client waits for the result; otherwise the server's close time is read afterwards. */
  isAwaited: boolean;
  error?: unknown;
}

export function newCall(callSid: string, startedAt: number, lengthMs: number): WatchedCall {
  return { callSid, startedAt, endsAt: startedAt + lengthMs, isMonitored: false, isAwaited: false };
}

/** Starts the monitor of a call. */
export async function beginMonitor(call: WatchedCall, shape: RunningShape): Promise<void> {
  await shape.begin(call.callSid);
  call.isMonitored = true;
}

/** Waits for results, for at most as many calls at a time as the shape allows. */
export class ResultWaiter {
  readonly #shape: RunningShape;
  readonly #signal: AbortSignal;
  #waiting = 0;

  constructor(shape: RunningShape, signal: AbortSignal) {
    this.#shape = shape;
    this.#signal = signal;
  }

  /**
   * Waits for the result of a call from the moment the call ends: a long poll before that would only be idle. Does not
   * wait at all when too many others do.
   *
   * @param begun resolves when the call is monitored
   */
  async waitFor(call: WatchedCall, begun: Promise<void>): Promise<void> {
    try {
      await Promise.all([begun, sleep(call.endsAt - Date.now(), undefined, { signal: this.#signal })]);
      if (this.#waiting >= this.#shape.maxWaiters) return;
      this.#waiting += 1;
      call.isAwaited = true;
      await this.#shape.result(call.callSid).finally(() => (this.#waiting -= 1));
      call.knownAt ??= Date.now();
    } catch (error) {
      if (!this.#signal.aborted) call.error = error;
    }
  }
}

export interface Settling {
  readonly calls: readonly WatchedCall[];
  readonly shape: RunningShape;
  /** Epoch milliseconds. */
  readonly giveUpAt: number;
  readonly signal: AbortSignal;
}

/**
 * Waits until the results of calls that have ended are known. For calls without a waiting client, the time is when the
 * server closed the workflow.
 */
export async function settle({ calls, shape, giveUpAt, signal }: Settling): Promise<void> {
  for (;;) {
    const open = calls.filter(({ knownAt, error }) => knownAt === undefined && error === undefined);
    const unawaited = open.filter(({ isAwaited }) => !isAwaited);
    await pMap(unawaited, (call) => readCloseTime(call, shape, giveUpAt), { concurrency: DESCRIBES_AT_A_TIME });
    if (open.every(({ knownAt }) => knownAt !== undefined) || Date.now() >= giveUpAt) return;
    await sleep(SETTLE_CHECK_MS, undefined, { signal });
  }
}

async function readCloseTime(call: WatchedCall, { closedAt }: RunningShape, giveUpAt: number): Promise<void> {
  if (!closedAt || Date.now() >= giveUpAt) return;
  // A failure here is retried at the next check: the workflow has not been started yet, or the server is too busy.
  const at = await closedAt(call.callSid).catch(() => undefined);
  if (at !== undefined) call.knownAt ??= at;
}
