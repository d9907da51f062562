import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';

import type { CampaignProgress } from '../contract/campaign.js';
import { isRecord } from '../contract/is-record.js';
import { campaignWorkflowId, MONITOR_WORKFLOW_TYPE } from '../contract/names.js';
import type { AttemptOutsideDatabase } from '../contract/reconciliation.js';
import { PayloadReader } from '../platform/payloads.js';
import { type Execution, listExecutions, memoOf } from './list-executions.js';

/** The calls of a campaign, by the monitors that Temporal has. */
interface MonitoredCalls {
  readonly calls: readonly AttemptOutsideDatabase[];
  /** Monitors of campaigns whose memo cannot be decoded. */
  readonly unreadable: number;
}

/** Holds the calls of the campaign in memory. Temporal cannot look monitors up by their campaign: all are listed. */
export async function monitoredCalls(client: Client, campaignId: string): Promise<MonitoredCalls> {
  const calls = new Map<string, AttemptOutsideDatabase>();
  let unreadable = 0;
  for await (const execution of listExecutions(client, `WorkflowType = '${MONITOR_WORKFLOW_TYPE}'`)) {
    if (!execution.memo?.fields?.['campaignId']) continue;
    const found = await memoOf(client, execution, 'campaignId');
    if (found === undefined) unreadable += 1;
    if (found !== campaignId) continue;
    const call = await callOf(client, execution);
    // The latest first: of several runs the first one began with the call.
    if (call) calls.set(call.attemptId, call);
  }
  return { calls: [...calls.values()], unreadable };
}

async function callOf(client: Client, execution: Execution): Promise<AttemptOutsideDatabase | undefined> {
  const [attemptId, contactId, callSid] = await Promise.all(
    ['attemptId', 'contactId', 'callSid'].map((name) => memoOf(client, execution, name)),
  );
  const atMs = optionalTsToMs(execution.startTime);
  if (attemptId === undefined || contactId === undefined || atMs === undefined) return undefined;
  return { attemptId, contactId, callSid, at: new Date(atMs).toISOString() };
}

/** The progress that the activities of the campaign's workflow returned, over all its runs. */
export async function* progressInHistory(client: Client, campaignId: string): AsyncGenerator<CampaignProgress, void> {
  const workflowId = campaignWorkflowId(campaignId);
  const reader = new PayloadReader(client);
  for await (const { execution } of listExecutions(client, `WorkflowId = '${workflowId}'`)) {
    const { events } = await client.workflow.getHandle(workflowId, execution?.runId ?? undefined).fetchHistory();
    const activityIds = new Map(
      (events ?? []).map(({ eventId, activityTaskScheduledEventAttributes: scheduled }) => [
        String(eventId),
        scheduled?.activityId,
      ]),
    );
    for (const { activityTaskCompletedEventAttributes: completed } of events ?? []) {
      if (!completed) continue;
      const activityId = activityIds.get(String(completed.scheduledEventId));
      const result = await reader.ofActivity({ workflowId, activityId }, completed.result?.payloads?.[0]);
      if (isProgress(result)) yield result;
    }
  }
}

function isProgress(value: unknown): value is CampaignProgress {
  return isRecord(value) && isRecord(value['attempts']) && Array.isArray(value['lastProblems']);
}
