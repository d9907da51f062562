import type { CallScript } from './call-script.js';
import type { Fault } from './fault.js';
import type { RandomFaults } from './random-faults.js';
import type { RecordedRequest } from './request-log.js';
import type { SimulatorClock } from './simulator-clock.js';

/** Options of `startSimulator`; all can be left out. */
export interface SimulatorOptions {
  /**
   * TCP port; 0 takes any free one.
   * @default 0
   */
  readonly port?: number | undefined;
  /**
   * Address to listen on. Anything but loopback lets other machines in.
   * @default "127.0.0.1"
   */
  readonly host?: string | undefined;
  /**
   * The token that clients must send in `X-PolyAi-Auth-Token`.
   * @default DEFAULT_SIMULATOR_TOKEN
   */
  readonly token?: string | undefined;
  /**
   * What the simulator's clock runs by, epoch milliseconds. A function that always returns the same makes a clock that
   * moves only when told to.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined;
  /**
   * Seed of the random faults.
   * @default 1
   */
  readonly seed?: number | undefined;
  /**
   * Script of a call that has no other.
   * @default {} 2 s queued, 8 s calling, then success
   */
  readonly defaultScript?: CallScript | undefined;
  /**
   * Script of a call triggered over HTTP, by its number as dialled; `undefined` stands for `defaultScript`. When it
   * throws, the trigger is answered with 500. A script in the call's metadata goes before it.
   */
  readonly scriptFor?: ((toNumber: string) => CallScript | undefined) | undefined;
  /** Faults that strike status requests at random. Scripted faults go before them. */
  readonly faults?: RandomFaults | undefined;
}

/** A running stand-in for the PolyAI outbound calling API. */
export interface Simulator {
  /** Base URL without a slash at its end, such as `http://127.0.0.1:40213`. */
  readonly url: string;
  /** The token to send: the latest one set, even when it has expired. */
  readonly token: string;
  readonly clock: SimulatorClock;
  /** All requests in order of arrival, as a live view. Of more than 100,000 the latest are kept. */
  readonly requests: readonly RecordedRequest[];
  /** The requests about one call so far, its trigger included. */
  requestsFor(callSid: string): readonly RecordedRequest[];
  /**
   * Begins a call with a chosen SID, now by the simulator's clock, in place of any call of that SID.
   * @param script `defaultScript` when left out
   * @throws TypeError when `callSid` cannot be a call SID
   */
  addCall(callSid: string, script?: CallScript): void;
  /** Spoils every status request from now on, for as many as its `times` says, if it has any; `undefined` lifts it. */
  setFault(fault: Fault | undefined): void;
  /** Takes only this token from now on; any other is refused with 401. */
  setToken(token: string): void;
  /** Refuses every token with 401 until `setToken`. */
  expireToken(): void;
  /** Stops listening and breaks all connections, requests under way included. */
  close(): Promise<void>;
}
