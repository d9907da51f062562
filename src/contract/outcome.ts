import { classifyCallStatus, type TerminalStatus } from './call.js';
import type { FailureType } from './failures.js';
import type { ObservedCall } from './observation.js';

/** Why a monitor ended without a terminal status: a `FailureType`, or `Cancelled`. */
export interface FailureReason {
  readonly type: FailureType | 'Cancelled';
  readonly message: string;
}

/** The outcome of one call, as the outcome store has it. Times in ISO 8601 UTC. */
export interface OutcomeRecord extends Omit<ObservedCall, 'lastError'> {
  readonly callSid: string;
  /** The account that the call belongs to; absent for the worker's default account. */
  readonly account?: string;
  /** `success` or `failure`; absent when the monitor ended without a terminal status. */
  readonly status?: TerminalStatus;
  /** The API's reason; usually empty unless the call failed. */
  readonly reason: string;
  /** Present when there is no terminal status. */
  readonly ending?: FailureReason;
  /** When the monitor started. */
  readonly startedAt: string;
  /** When the terminal status was first observed, or when the monitor failed or was cancelled. */
  readonly finishedAt: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** An outcome that is in a store. */
export interface StoredOutcome extends OutcomeRecord {
  /** By the clock of the worker that saved it. */
  readonly savedAt: string;
}

interface OutcomeSource extends Pick<OutcomeRecord, 'callSid' | 'polls' | 'timeline' | 'startedAt'> {
  readonly account?: string | undefined;
  readonly lastObservation?: OutcomeRecord['lastObservation'] | undefined;
  /** The monitor's run. */
  readonly execution: { readonly workflowId: string; readonly runId: string };
}

/**
 * The outcome of a call, by its terminal status or else by `failure`.
 *
 * @returns `undefined` when the call has neither, so that it has no outcome yet
 */
export function toOutcomeRecord(
  { execution: { workflowId, runId }, account, lastObservation, ...call }: OutcomeSource,
  failure?: FailureReason & { readonly at: string },
): OutcomeRecord | undefined {
  const record = {
    ...call,
    workflowId,
    runId,
    reason: lastObservation?.reason ?? '',
    ...(account !== undefined && { account }),
    ...(lastObservation && { lastObservation }),
  };
  const status = lastObservation && classifyCallStatus(lastObservation.status);
  if (status?.kind === 'terminal') {
    return { ...record, status: status.status, finishedAt: lastObservation!.observedAt };
  }
  if (!failure) return undefined;
  const { at: finishedAt, ...ending } = failure;
  return { ...record, ending, finishedAt };
}
