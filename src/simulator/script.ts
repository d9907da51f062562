import { z } from 'zod';

import { classifyCallStatus, TERMINAL_STATUSES, type TerminalStatus } from '../contract/call.js';
import { STATUS_RETENTION_MS } from '../contract/retention.js';
import { type Fault, faultSchema } from './faults.js';

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

const milliseconds = z.number().nonnegative().optional();

/** A script as JSON. An unknown key is an error, so that a typo does not pass for a default. */
export const callScriptSchema: z.ZodType<CallScript> = z.strictObject({
  queuedMs: milliseconds,
  callingMs: milliseconds,
  outcome: z.enum(TERMINAL_STATUSES).optional(),
  reason: z.string().optional(),
  notFoundForMs: milliseconds,
  upperCase: z.boolean().optional(),
  statuses: z.array(z.strictObject({ status: z.string(), forMs: milliseconds })).optional(),
  faults: z.array(faultSchema).optional(),
});

const DEFAULT_QUEUED_MS = 2_000;
const DEFAULT_CALLING_MS = 8_000;
const DEFAULT_FAILURE_REASON = 'no answer';

/** The body of a good status answer. */
export interface StatusBody {
  readonly status: string;
  readonly reason: string;
}

/** What the API says of a call `ageMs` after its trigger; `undefined` when it knows nothing of it yet, or any more. */
export function callStatusAt(script: CallScript, ageMs: number): StatusBody | undefined {
  if (ageMs < (script.notFoundForMs ?? 0)) return undefined;
  const { passing, final } = stagesOf(script);
  let endsAtMs = 0;
  for (const { status, forMs = 0 } of passing) {
    endsAtMs += forMs;
    if (ageMs < endsAtMs) return { status: spelled(status, script), reason: '' };
  }
  if (ageMs >= endsAtMs + STATUS_RETENTION_MS) return undefined;
  return { status: spelled(final, script), reason: script.reason ?? defaultReason(final) };
}

function stagesOf(script: CallScript): { passing: readonly ScriptedStatus[]; final: string } {
  const scripted = script.statuses ?? [
    { status: 'queued', forMs: script.queuedMs ?? DEFAULT_QUEUED_MS },
    { status: 'calling', forMs: script.callingMs ?? DEFAULT_CALLING_MS },
  ];
  const last = scripted.at(-1);
  if (last && classifyCallStatus(last.status).kind === 'terminal') {
    return { passing: scripted.slice(0, -1), final: last.status };
  }
  return { passing: scripted, final: script.outcome ?? 'success' };
}

function spelled(status: string, { upperCase = false }: CallScript): string {
  return upperCase ? status.toUpperCase() : status;
}

function defaultReason(final: string): string {
  return classifyCallStatus(final).status === 'failure' ? DEFAULT_FAILURE_REASON : '';
}
