import { z } from 'zod';

import { TERMINAL_STATUSES, type TerminalStatus } from '../contract/call.js';
import { type Fault, faultSchema } from './faults.js';

/** A status that a scripted call passes through. */
export interface ScriptedStatus {
  /** Any text, whether the API documents it or not. */
  readonly status: string;
  /**
   * How long, in milliseconds of the simulator's clock. Ignored for a terminal status at the end of the list.
   * @default 0
   */
  readonly forMs?: number | undefined;
}

/** How a call develops. All times are milliseconds of the simulator's clock; `Infinity` never ends. */
export interface CallScript {
  /** @default 2000 */
  readonly queuedMs?: number | undefined;
  /** @default 8000 */
  readonly callingMs?: number | undefined;
  /** @default "success" */
  readonly outcome?: TerminalStatus | undefined;
  /**
   * Reason given with the terminal status; responses before it have an empty one.
   * @default "no answer" for a failure, empty for a success
   */
  readonly reason?: string | undefined;
  /**
   * How long after the trigger a status request still gets 404.
   * @default 0
   */
  readonly notFoundForMs?: number | undefined;
  /**
   * Whether statuses are in capital letters.
   * @default false
   */
  readonly upperCase?: boolean | undefined;
  /**
   * The statuses in order, instead of `queuedMs` and `callingMs`. A terminal status at the end of the list is final;
   * after any other, `outcome` follows.
   */
  readonly statuses?: readonly ScriptedStatus[] | undefined;
  /** Faults of the call's first status requests, one after the other. Later requests get the call's status. */
  readonly faults?: readonly Fault[] | undefined;
  /** Faults of all status requests within a time: an outage, a rejected token, a status that expires early. */
  readonly faultPeriods?: readonly FaultPeriod[] | undefined;
}

/** A fault of all status requests of a call within a time. Milliseconds of the simulator's clock. */
export interface FaultPeriod {
  /**
   * When it begins, after the trigger.
   * @default 0
   */
  readonly fromMs?: number | undefined;
  /**
   * How long it lasts.
   * @default Infinity
   */
  readonly forMs?: number | undefined;
  /** Its `times` is ignored. */
  readonly fault: Fault;
}

const milliseconds = z.number().nonnegative().optional();

/** A script as JSON. An unknown key is an error, so that a typo is not mistaken for a default. */
export const callScriptSchema: z.ZodType<CallScript> = z.strictObject({
  queuedMs: milliseconds,
  callingMs: milliseconds,
  outcome: z.enum(TERMINAL_STATUSES).optional(),
  reason: z.string().optional(),
  notFoundForMs: milliseconds,
  upperCase: z.boolean().optional(),
  statuses: z.array(z.strictObject({ status: z.string(), forMs: milliseconds })).optional(),
  faults: z.array(faultSchema).optional(),
  faultPeriods: z.array(z.strictObject({ fromMs: milliseconds, forMs: milliseconds, fault: faultSchema })).optional(),
});
