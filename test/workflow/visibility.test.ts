import { expect, test } from 'vitest';

import { CALL_STATUS_SEARCH_ATTRIBUTE } from '../../src/index.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';

const rig = useDevServerRig();

const HEALTHY = { queuedMs: 1_000, callingMs: 1_000 };

test('an operator finds calls by status in the visibility store, and sees summary and memo without a worker', async () => {
  const callSid = 'OUT-visible';
  rig().simulator.addCall(callSid, { ...HEALTHY, outcome: 'failure' });

  await rig().whileWorking(async () => (await rig().start({ callSid, polling: { interval: 300 } })).result());

  const query = `${CALL_STATUS_SEARCH_ATTRIBUTE} = 'failure' AND WorkflowType = 'monitorOutboundCall'`;
  const found = await eventually('the call in the list', async () => {
    for await (const { workflowId } of rig().client.workflow.list({ query })) return workflowId;
    return undefined;
  });
  expect(found).toBe(`outbound-call-${callSid}`);
  const description = await rig().client.workflow.getHandle(found).describe();
  expect(description.memo).toMatchObject({ callSid, callStatus: 'failure', callReason: 'no answer' });
  expect(await description.staticSummary()).toBe(`PolyAI outbound call ${callSid}`);
});

test('the current details show status, phase and timeline in Markdown', async () => {
  const callSid = 'OUT-details';

  const metadata = await rig().whileWorking(async () => {
    rig().simulator.addCall(callSid, HEALTHY);
    const monitor = await rig().start({ callSid, polling: { interval: 300 } });
    await monitor.result();
    const handle = rig().client.workflow.getHandle(monitor.workflowId);
    return await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  });

  expect(metadata.currentDetails).toContain(`**success** · call \`${callSid}\` · finished`);
  expect(metadata.currentDetails).toContain('| queued |');
});

test('a healthy monitor has no failed event and no retried activity, and names each timer and activity', async () => {
  const callSid = 'OUT-healthy';

  await rig().whileWorking(async () => {
    rig().simulator.addCall(callSid, HEALTHY);
    return await (await rig().start({ callSid, polling: { interval: 300 } })).result();
  });

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
