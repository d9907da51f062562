import { classifyCallStatus, type TerminalStatus } from './call.js';
import type { FailureType } from './failures.js';
import type { CallObservation, StatusChange } from './observation.js';

/** Why a monitor ended without a final status: a `FailureType`, or `Cancelled`. */
export interface FailureReason {
  readonly type: FailureType | 'Cancelled';
  readonly message: string;
}

/** What became of one call, as the outcome store keeps it. Times in ISO 8601 UTC. */
export interface OutcomeRecord {
  readonly callSid: string;
  /** The account that the call belongs to; absent for the worker's default account. */
  readonly account?: string;
  /** `success` or `failure`; absent when the monitor ended without a final status. */
  readonly status?: TerminalStatus;
  /** The API's reason; empty unless the call failed, as a rule. */
  readonly reason: string;
  /** Present when there is no final status. */
  readonly ending?: FailureReason;
  /** The last good answer; absent when there was none. */
  readonly lastObservation?: CallObservation;
  /** Status requests made, failed ones included. */
  readonly polls: number;
  /** Status changes, oldest first. */
  readonly timeline: readonly StatusChange[];
  /** When the monitor was started. */
  readonly startedAt: string;
  /** When the final status was first seen, or the monitor gave up. */
  readonly finishedAt: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** An outcome that is in a store. */
export interface StoredOutcome extends OutcomeRecord {
  /** By the clock of the worker that saved it. */
  readonly savedAt: string;
}

/** What `toOutcomeRecord` makes an outcome from. */
interface OutcomeSource extends Pick<OutcomeRecord, 'callSid' | 'polls' | 'timeline' | 'startedAt'> {
  readonly account?: string | undefined;
  readonly lastObservation?: CallObservation | undefined;
  /** The monitor's run. */
  readonly execution: { readonly workflowId: string; readonly runId: string };
}

/** The outcome of a call that has ended, or of which the monitor ends as `given` says; nothing when neither is so. */
export function toOutcomeRecord(
  { execution: { workflowId, runId }, account, lastObservation, ...known }: OutcomeSource,
  given?: FailureReason & { readonly at: string },
): OutcomeRecord | undefined {
  const seen = lastObservation && classifyCallStatus(lastObservation.status);
  const run = { ...known, workflowId, runId, ...(account !== undefined && { account }) };
  if (lastObservation && seen?.kind === 'terminal') {
    const { reason, observedAt: finishedAt } = lastObservation;
    return { ...run, status: seen.status, reason, lastObservation, finishedAt };
  }
  if (!given) return undefined;
  const { at: finishedAt, ...ending } = given;
  return {
    ...run,
    reason: lastObservation?.reason ?? '',
    ending,
    finishedAt,
    ...(lastObservation && { lastObservation }),
  };
}
