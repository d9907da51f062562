import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { expect, test } from 'vitest';

import type { MonitorHandle } from '../../src/client.js';
import { CALL_STATUS_SEARCH_ATTRIBUTE, monitorWorkflowId } from '../../src/index.js';
import type { StatusChange } from '../../src/contract/observation.js';
import { reportStatusSignal } from '../../src/workflows/messages.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';

const rig = useDevServerRig();

const MINUTE_MS = 60_000;
const CALL_STATUS_KEY = defineSearchAttributeKey(CALL_STATUS_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);

/** The status where people look: by query, on the workflow's page and in the list. */
async function shownStatuses({ callSid, workflowId }: MonitorHandle) {
  const handle = rig().client.workflow.getHandle(workflowId);
  const { currentDetails } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  const { lastObservation } = await handle.query<{ lastObservation?: { status: string } }>('progress');
  const { typedSearchAttributes } = await handle.describe();
  const listed: string[] = [];
  for await (const { typedSearchAttributes } of rig().client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    listed.push(String(typedSearchAttributes.get(CALL_STATUS_KEY)));
  }
  return {
    progress: lastObservation?.status,
    details: currentDetails?.includes(callSid) ? /\*\*(.*)\*\*/.exec(currentDetails)?.[1] : undefined,
    page: typedSearchAttributes.get(CALL_STATUS_KEY),
    list: listed.join(),
  };
}

/** How long after each status was first observed the server had it in the search attribute. */
async function delaysMs({ workflowId }: MonitorHandle, timeline: readonly StatusChange[]): Promise<number[]> {
  const [run] = await fetchRuns(rig().client, workflowId);
  const written = (run?.events ?? []).filter(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) =>
    Object.keys(upsert?.searchAttributes?.indexedFields ?? {}).includes(CALL_STATUS_SEARCH_ATTRIBUTE),
  );
  const writtenAtMs = written.map(
    ({ eventTime }) => Number(eventTime?.seconds) * 1_000 + (eventTime?.nanos ?? 0) / 1e6,
  );
  expect(writtenAtMs).toHaveLength(timeline.length);
  return timeline.map(({ at }, index) => writtenAtMs[index]! - Date.parse(at));
}

async function countActivities({ workflowId }: MonitorHandle): Promise<number> {
  const [run] = await fetchRuns(rig().client, workflowId);
  return run?.events?.filter((event) => event.activityTaskScheduledEventAttributes).length ?? 0;
}

test('each status change during one long poll is in progress, current details and search attribute within two seconds', async () => {
  const callSid = 'OUT-reported';
  rig().simulator.addCall(callSid, { queuedMs: MINUTE_MS, callingMs: MINUTE_MS });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    for (const status of ['queued', 'calling']) {
      const everywhere = { progress: status, details: status, page: status, list: status };
      await eventually(`${status} to be shown`, async () => {
        const statuses = await shownStatuses(monitor);
        return JSON.stringify(statuses) === JSON.stringify(everywhere) ? true : undefined;
      });
      rig().simulator.clock.advance(MINUTE_MS);
    }
    const result = await monitor.result();
    expect(result.timeline.map(({ status }) => status)).toEqual(['queued', 'calling', 'success']);
    expect(result.polls).toBe(rig().simulator.requestsFor(callSid).length);
    expect(await countActivities(monitor)).toBe(1);
    const [, median, longest] = (await delaysMs(monitor, result.timeline)).toSorted((a, b) => a - b);
    expect(median).toBeLessThan(2_000);
    // On a busy machine.
    expect(longest).toBeLessThan(20_000);
    expect((await fetchRuns(rig().client, monitor.workflowId))[0]?.events).toHaveLength(24);
  });
});

test('a report that arrives again, late, malformed or from nowhere changes nothing', async () => {
  const callSid = 'OUT-reported-again';
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: MINUTE_MS });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    const { lastObservation, timeline } = await eventually('the first report', async () => {
      const progress = await monitor.progress();
      return progress.lastObservation && progress;
    });
    const handle = rig().client.workflow.getHandle(monitorWorkflowId(callSid));
    const report = { reportAs: 1, polls: 1, observation: lastObservation!, changes: timeline };
    await handle.signal(reportStatusSignal, report);
    await handle.signal(reportStatusSignal, { ...report, reportAs: 7 });
    await handle.signal('reportStatus', 'calling');
    await handle.signal('reportStatus');
    expect(await monitor.progress()).toMatchObject({ polls: 1, reportedPolls: 1, timeline });
    rig().simulator.clock.advance(MINUTE_MS);
    expect((await monitor.result()).polls).toBe(rig().simulator.requestsFor(callSid).length);
  });
});

test('a nudge loses neither a poll nor a status that the long poll has seen', async () => {
  const callSid = 'OUT-reported-nudged';
  rig().simulator.addCall(callSid, { queuedMs: MINUTE_MS, callingMs: Infinity });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await eventually('some polls', () => rig().simulator.requestsFor(callSid).length > 4 || undefined);
    rig().simulator.clock.advance(MINUTE_MS);
    await monitor.nudge();
    await eventually('the next long poll', async () => ((await countActivities(monitor)) === 3 ? true : undefined));
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
    const { timeline, polls } = await monitor.progress();
    expect(timeline.map(({ status }) => status)).toEqual(['queued', 'calling']);
    const answered = rig()
      .simulator.requestsFor(callSid)
      .filter(({ status }) => status === 200).length;
    // The nudge and the cancellation each abort a request that is under way, whose answer then counts for nothing.
    expect(polls).toBeLessThanOrEqual(answered);
    expect(polls).toBeGreaterThanOrEqual(answered - 2);
  });
});
