import { expect, test } from 'vitest';

import type { MonitorHandle } from '../../src/client.js';
import { CALL_STATUS_SEARCH_ATTRIBUTE } from '../../src/index.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';

const rig = useDevServerRig();

const MINUTE_MS = 60_000;

interface HealthyCall {
  readonly outcome?: 'success' | 'failure';
  readonly hold?: '10m' | 0;
}

/** Monitors a call to completion. It is polled in each of its statuses, however slow the machine. */
async function monitorHealthyCall(
  callSid: string,
  { outcome = 'success', hold = '10m' }: HealthyCall = {},
): Promise<MonitorHandle> {
  rig().simulator.addCall(callSid, { queuedMs: MINUTE_MS, callingMs: MINUTE_MS, outcome });
  const monitor = await rig().start({ callSid, polling: { interval: 300, hold } });
  for (const polls of [2, 4]) {
    await eventually(`${polls} polls`, () => (rig().simulator.requestsFor(callSid).length >= polls ? true : undefined));
    rig().simulator.clock.advance(MINUTE_MS);
  }
  await monitor.result();
  return monitor;
}

test('a visibility query finds calls by status, and summary and memo need no worker', async () => {
  const callSid = 'OUT-visible';

  await rig().whileWorking(() => monitorHealthyCall(callSid, { outcome: 'failure' }));

  const query = `${CALL_STATUS_SEARCH_ATTRIBUTE} = 'failure' AND WorkflowType = 'monitorOutboundCall'`;
  const found = await eventually('the call in the list', async () => {
    for await (const { workflowId } of rig().client.workflow.list({ query })) return workflowId;
    return undefined;
  });
  expect(found).toBe(`outbound-call-${callSid}`);
  const description = await rig().client.workflow.getHandle(found).describe();
  expect(description.memo).toMatchObject({ callSid, callStatus: 'failure', callReason: 'no answer' });
  expect(await description.staticSummary()).toBe(`PolyAI outbound call ${callSid}`);
  expect(await description.staticDetails()).toContain('The signal `nudge` polls now.');
});

test('the current details show status and timeline in Markdown', async () => {
  const callSid = 'OUT-details';

  const metadata = await rig().whileWorking(async () => {
    const { workflowId } = await monitorHealthyCall(callSid);
    const handle = rig().client.workflow.getHandle(workflowId);
    return await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  });

  expect(metadata.currentDetails).toContain(`PolyAI outbound call \`${callSid}\`: **success** at `);
  expect(metadata.currentDetails).toMatch(/^- .* UTC: queued$/m);
});

test('a monitor without errors has no failed event and no retry, and a summary on each timer and activity', async () => {
  const callSid = 'OUT-healthy';

  await rig().whileWorking(() => monitorHealthyCall(callSid, { hold: 0 }));

  const [run] = await fetchRuns(rig().client, `outbound-call-${callSid}`);
  const events = run?.events ?? [];
  const startedAttempts = events.map(
    ({ activityTaskStartedEventAttributes }) => activityTaskStartedEventAttributes?.attempt,
  );
  expect(new Set(startedAttempts.filter((attempt) => attempt != null))).toEqual(new Set([1]));
  expect(events.some(({ activityTaskFailedEventAttributes }) => activityTaskFailedEventAttributes)).toBe(false);
  const named = events.filter(
    (event) => event.activityTaskScheduledEventAttributes ?? event.timerStartedEventAttributes,
  );
  expect(named.length).toBeGreaterThan(3);
  for (const { userMetadata } of named) expect(userMetadata?.summary?.data?.length).toBeGreaterThan(0);
});
