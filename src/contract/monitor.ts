import type { TerminalStatus } from './call.js';
import type { DurationInput } from './duration.js';
import type { CallObservation, MonitorError, StatusChange } from './observation.js';
import type { MonitorAlarm } from './retention.js';

/** Input of the workflow `monitorOutboundCall`. Only `callSid` is needed. */
export interface MonitorOutboundCallInput {
  /** The call SID that PolyAI returned when the call was triggered (`OUT-…`). */
  readonly callSid: string;
  /**
   * The account that the call belongs to, by the name that the worker knows it by: letters, digits, `-`, `_` and `.`, at most
   * 64. Never a token.
   * @default the worker's default account
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
         * How long one `getStatus` activity goes on polling before it returns to the durable loop, as an HTTP long poll
         * does; it returns earlier when the status changes. Up to 1 h; 0 makes each poll an activity of its own.
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
   * How long a 404 may be answered before the first good answer without ending the monitor with `CallNotFound`;
   * for starters that have triggered the call a moment ago. Up to 5 min.
   * @default 0
   */
  readonly notFoundGrace?: DurationInput | undefined;
}

/** Result of the workflow `monitorOutboundCall`. A call that ended in `failure` is a result, not an error. */
export interface MonitorOutboundCallResult {
  readonly callSid: string;
  readonly status: TerminalStatus;
  /** The API's reason; empty unless the call failed, as a rule. */
  readonly reason: string;
  /** Status requests made, failed ones included; the attempts of a poll that a nudge or a crash cut short are not known. */
  readonly polls: number;
  /** Status changes, oldest first. Of more than 100 the first 50 and the latest 50 are kept. */
  readonly timeline: readonly StatusChange[];
  /** When the final status was first seen. ISO 8601 UTC. */
  readonly finishedAt: string;
  /** Present when the outcome store of the worker has it. */
  readonly outcomeSaved?: true;
}

/**
 * What a monitor is doing:
 * - `polling`: a status request is under way, or being retried;
 * - `holding`: one activity polls at the interval; what it has seen since it began stands in its heartbeat;
 * - `waiting`: asleep until the next poll;
 * - `credential-hold`: the API refuses the token since a good answer; polling slowly until it works again;
 * - `saving`: what became of the call is known, and is being saved: the outcome store did not take it at once;
 * - `finished`: the call has ended; `cancelled`, `failed`: the monitor ended without a final status.
 */
export type MonitorPhase =
  'polling' | 'holding' | 'waiting' | 'credential-hold' | 'saving' | 'finished' | 'cancelled' | 'failed';

/** Answer to the query `progress`. */
export interface MonitorProgress {
  readonly callSid: string;
  readonly phase: MonitorPhase;
  /** The last good answer; absent before the first. `rawStatus` is the API's own spelling. */
  readonly lastObservation?: CallObservation;
  readonly polls: number;
  readonly timeline: readonly StatusChange[];
  /** ISO 8601 UTC, as all times here. */
  readonly startedAt: string;
  readonly deadlineAt: string;
  /**
   * Until when an outage may last without the outcome being lost: PolyAI forgets it about 2 h after the call ended, which
   * may have been right after the last good answer. Present while the call is not known to be over; later while `holding`,
   * by what the heartbeat has seen since.
   */
  readonly outcomeSafeUntil?: string;
  /** When the next poll is due; present while `waiting` and in `credential-hold`. */
  readonly nextPollAt?: string;
  /** Since when the API refuses the token; present in `credential-hold`. */
  readonly credentialRefusedSince?: string;
  /** Present while the last poll did not succeed. */
  readonly lastError?: MonitorError;
  /** Present while the outcome is at risk, or will be unless someone acts. */
  readonly alarm?: MonitorAlarm;
}

/** First of a failed monitor's `ApplicationFailure.details`. */
export interface MonitorFailureDetails {
  readonly callSid: string;
  readonly polls: number;
  readonly timeline: readonly StatusChange[];
  /** The last good answer; absent when there was none. */
  readonly lastObservation?: CallObservation;
  readonly lastError?: MonitorError;
}
