import { CancellationScope, proxyActivities, workflowInfo } from '@temporalio/workflow';

import type { PolyAiActivities } from '../activities/create-activities.js';
import type { KnownCall } from '../contract/get-status.js';
import { type OutcomeEnding, outcomeOf } from '../contract/outcome.js';
import type { MonitorSettings } from './monitor-settings.js';
import type { MonitorState } from './monitor-state.js';
import { RETRY_POLICY } from './retry-policy.js';

/** Longer than a store takes that answers at all; retried without end, for a monitor does not close before its outcome is kept. */
const SAVE_TIMEOUT_MS = 15_000;

/** What the monitor knows so far, for a `getStatus` that is to save the outcome itself. */
export function knownCall({ startedAtMs, polls, timeline, lastObservation: last }: MonitorState): KnownCall {
  const startedAt = new Date(startedAtMs).toISOString();
  return { startedAt, polls, timeline, ...(last && { answeredAt: last.observedAt }) };
}

/**
 * Has an outcome saved, however long the store is away, and though the monitor is cancelled.
 *
 * @param ending why the monitor ends, where the call has no final status
 * @returns whether it is kept: `false` when the worker keeps none
 */
export async function saveOutcome(
  { callSid, account }: MonitorSettings,
  state: MonitorState,
  ending?: OutcomeEnding,
): Promise<boolean> {
  const outcome = outcomeOf(
    {
      ...{ callSid, account, polls: state.polls, timeline: state.timeline, lastObservation: state.lastObservation },
      startedAt: knownCall(state).startedAt,
      execution: workflowInfo(),
    },
    ending && { ...ending, at: new Date().toISOString() },
  );
  if (!outcome) return false;
  const activities = proxyActivities<PolyAiActivities>({
    startToCloseTimeout: SAVE_TIMEOUT_MS,
    retry: RETRY_POLICY,
    summary: `keeps the outcome: ${outcome.status ?? outcome.ending?.type ?? ''}`,
  });
  const { isSaved } = await CancellationScope.nonCancellable(() => activities.saveOutcome(outcome));
  return isSaved;
}
