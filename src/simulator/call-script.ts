import type { TerminalStatus } from '../contract/call.js';
import type { Fault } from './fault.js';

/** A status that a scripted call goes through. */
export interface ScriptedStatus {
  /** Any word, known to the API's contract or not. */
  readonly status: string;
  /**
   * How long, in milliseconds of the simulator's clock. Plays no part for a terminal status at the end of the list.
   * @default 0
   */
  readonly forMs?: number | undefined;
}

/** How a call goes. All times are milliseconds of the simulator's clock; `Infinity` lasts for ever. */
export interface CallScript {
  /** @default 2000 */
  readonly queuedMs?: number | undefined;
  /** @default 8000 */
  readonly callingMs?: number | undefined;
  /** @default "success" */
  readonly outcome?: TerminalStatus | undefined;
  /**
   * Reason given with the final status; answers before it carry an empty one.
   * @default "no answer" for a failure, empty for a success
   */
  readonly reason?: string | undefined;
  /**
   * How long after the trigger the call is still answered with 404.
   * @default 0
   */
  readonly notFoundForMs?: number | undefined;
  /**
   * Whether statuses are written in capitals.
   * @default false
   */
  readonly upperCase?: boolean | undefined;
  /**
   * The statuses in their order, instead of `queuedMs` and `callingMs`. A terminal status at the end of the list stays;
   * after any other, `outcome` follows.
   */
  readonly statuses?: readonly ScriptedStatus[] | undefined;
  /** What the first status requests of the call meet, one after the other, before they are answered as usual. */
  readonly faults?: readonly Fault[] | undefined;
}
