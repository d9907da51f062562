import { waitAfterObservationMs } from '../activities/long-poll-timing.js';
import type { LongPollRequest } from '../contract/get-status.js';
import type { SimulatorState } from '../simulator/state.js';
import { findSteadyCall, recordSteadyRequest, type SteadyCall } from '../simulator/steady.js';

/** So that what a test changes in the middle of a call is noticed within this time. */
const MAX_QUIET_MS = 60_000;

interface Pace {
  readonly hold: LongPollRequest;
  /** When the long poll ends, epoch milliseconds. */
  readonly endsAtMs: number;
}

/**
 * The next polls of a call in which nothing new can be learned. They are not sent: the server skips to the one after them, and
 * then they are recorded.
 */
export class QuietPolls {
  readonly #timesMs: number[] = [];
  readonly #call: SteadyCall | undefined;

  /** When the next poll is due, epoch milliseconds; `undefined` when the long poll ends before. */
  readonly nextAtMs: number | undefined;

  /** The call has just been polled, without a fault. */
  constructor(
    private readonly simulator: SimulatorState,
    private readonly callSid: string,
    { hold, endsAtMs }: Pace,
  ) {
    const nowMs = simulator.clock.now();
    const after = (ms: number): number => ms + waitAfterObservationMs(hold);
    this.#call = findSteadyCall(simulator, callSid);
    const steadyUntilMs = this.#call?.untilMs ?? nowMs;
    const isQuiet = (atMs: number, followingMs: number): boolean =>
      atMs < steadyUntilMs && followingMs < endsAtMs && followingMs <= nowMs + MAX_QUIET_MS;
    let atMs = after(nowMs);
    for (let followingMs = after(atMs); isQuiet(atMs, followingMs); followingMs = after(atMs)) {
      this.#timesMs.push(atMs);
      atMs = followingMs;
    }
    this.nextAtMs = atMs < endsAtMs ? atMs : undefined;
  }

  /** @returns how many of them were due by now, unless a test has changed the simulator meanwhile */
  record(): number {
    if (!this.#call?.isUnchanged()) return 0;
    const nowMs = this.simulator.clock.now();
    const due = this.#timesMs.filter((atMs) => atMs <= nowMs);
    for (const atMs of due) recordSteadyRequest(this.simulator, this.callSid, atMs);
    return due.length;
  }
}
