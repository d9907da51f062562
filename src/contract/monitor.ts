import type { TerminalStatus } from './call.js';
import { type DurationInput, HOUR_MS } from './duration.js';
import type { ObservedCall } from './observation.js';
import type { MonitorAlarm } from './retention.js';

/** The default of `MonitorOutboundCallInput.deadline`. */
export const DEFAULT_DEADLINE_MS = 4 * HOUR_MS;

/** Input of the workflow `monitorOutboundCall`. Only `callSid` is needed. */
export interface MonitorOutboundCallInput {
  /**
   * The call SID that PolyAI returned when the call was triggered (`OUT-…`).
   * @pattern ^OUT-[A-Za-z0-9_-]+$
   * @maxLength 128
   */
  readonly callSid: string;
  /**
   * The worker's name for the account that the call belongs to: letters, digits, `-`, `_` and `.`, at most 64. Never a token.
   * Absent: the worker's default account.
   * @pattern ^[A-Za-z0-9._-]{1,64}$
   */
  readonly account?: string | undefined;
  readonly polling?:
    | {
        /**
         * Time between two polls, jittered by ±20 %. 250 ms to 5 min.
         * @default "3s"
         */
        readonly interval?: DurationInput | undefined;
        /**
         * The hold time of a long poll: how long one `getStatus` activity polls before it returns to the workflow. It returns
         * earlier when there is something to report, such as a terminal status. Up to 1 h; with 0 each poll is an activity.
         * @default "10m"
         */
        readonly hold?: DurationInput | undefined;
      }
    | undefined;
  /**
   * How long after its start the monitor gives up with `MonitorDeadlineExceeded`. 1 s to 30 days.
   * @default "4h"
   */
  readonly deadline?: DurationInput | undefined;
  /**
   * How long a 404 before the first observation is retried instead of ending the monitor with `CallNotFound`; for callers
   * that triggered the call a moment ago. Up to 5 min.
   * @default 0
   */
  readonly notFoundGrace?: DurationInput | undefined;
}

/** Result of the workflow `monitorOutboundCall`. A call that ended in `failure` is a result, not an error. */
export interface MonitorOutboundCallResult extends Pick<ObservedCall, 'polls' | 'timeline'> {
  readonly callSid: string;
  readonly status: TerminalStatus;
  /** The API's reason; usually empty unless the call failed. */
  readonly reason: string;
  /**
   * When the terminal status was first observed. ISO 8601 UTC.
   * @format date-time
   */
  readonly finishedAt: string;
  /** Present when the worker's outcome store has the outcome. */
  readonly outcomeSaved?: true;
}

/** The type of `monitorOutboundCall`, for those that may not import workflows. */
export type MonitorWorkflow = (input: MonitorOutboundCallInput) => Promise<MonitorOutboundCallResult>;

/**
 * What a monitor is doing:
 * - `polling`: a single poll is running, or is being retried;
 * - `holding`: a long poll is running; it signals status changes unless the worker's `statusUpdates` is `heartbeat`;
 * - `waiting`: a timer runs until the next poll;
 * - `credential-hold`: the API rejects the token of an observed call; the monitor polls slowly until it is accepted again;
 * - `saving`: the outcome is known, and `saveOutcome` saves it because `getStatus` could not;
 * - `finished`: the call has ended; `cancelled`, `failed`: the monitor ended without a terminal status.
 */
export type MonitorPhase =
  'polling' | 'holding' | 'waiting' | 'credential-hold' | 'saving' | 'finished' | 'cancelled' | 'failed';

/** First of a failed monitor's `ApplicationFailure.details`. */
export interface MonitorFailureDetails extends ObservedCall {
  readonly callSid: string;
}

/** Answer to the query `progress`. Times in ISO 8601 UTC. */
export interface MonitorProgress extends ObservedCall {
  readonly callSid: string;
  readonly phase: MonitorPhase;
  /**
   * How many of `polls` were made by the `getStatus` that is running; its heartbeat counts these too. Absent when none.
   * @asType integer
   */
  readonly reportedPolls?: number;
  /**
   * When the monitor was started.
   * @format date-time
   */
  readonly startedAt: string;
  /**
   * When the monitor gives up.
   * @format date-time
   */
  readonly deadlineAt: string;
  /**
   * An outage that ends before this time cannot cost the outcome: PolyAI stores a status for about 2 h after the call
   * ended, and the call may have ended right after the last observation. Present until a terminal status is observed. While
   * `holding` it can be later in fact, because a long poll reports changes only.
   * @format date-time
   */
  readonly outcomeSafeUntil?: string;
  /**
   * When the next poll is due; present while `waiting` and in `credential-hold`.
   * @format date-time
   */
  readonly nextPollAt?: string;
  /**
   * When the API began to reject the token; present while it does, after an observation.
   * @format date-time
   */
  readonly credentialRefusedSince?: string;
  /** Present while the outcome is at risk, or will be unless someone acts. */
  readonly alarm?: MonitorAlarm;
}
