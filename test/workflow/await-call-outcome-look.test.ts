import type { WorkflowFailedError } from '@temporalio/client';
import { expect, test } from 'vitest';

import { useAskerRig } from '../support/asker-rig.js';
import { eventually } from '../support/dev-server-rig.js';
import { useTimeSkippingRig } from '../support/time-skipping-rig.js';

const rig = useTimeSkippingRig();
const askers = useAskerRig(() => ({ client: rig().env.client, connection: rig().env.nativeConnection }));

const MINUTE_MS = 60_000;
const polling = { interval: '5m', hold: 0 } as const;

async function whileWorking<T>(work: () => Promise<T>): Promise<T> {
  return await rig().whileWorking(() => askers().whileWorking(work));
}

/** In real time, as long as nobody awaits a result. */
async function untilAsked(workflowId: string): Promise<void> {
  await eventually('its asker', async () =>
    (await askers().count(workflowId, 'workflowExecutionSignaledEventAttributes')) > 0 ? true : undefined,
  );
}

/** Terminates a monitor in its sleep: an open poll or workflow task would keep this server's clock from skipping. */
async function terminate(workflowId: string): Promise<void> {
  await eventually('its sleep', async () => {
    const events = await askers().eventsOf(workflowId);
    // The asker's signal may have come, and its workflow task completed, during the poll or after the timer started.
    if (!events.some((event) => event.timerStartedEventAttributes)) return undefined;
    const { timerStartedEventAttributes, workflowTaskCompletedEventAttributes } = events.at(-1) ?? {};
    return (timerStartedEventAttributes ?? workflowTaskCompletedEventAttributes) ? true : undefined;
  });
  await rig().env.client.workflow.getHandle(workflowId).terminate('enough');
}

async function durationOf(workflowId: string): Promise<number> {
  const events = await askers().eventsOf(workflowId);
  const [first, last] = [events[0], events.at(-1)].map((event) => Number(event?.eventTime?.seconds ?? 0) * 1_000);
  return last! - first!;
}

test('a monitor that is terminated tells nobody, and is found ended within five minutes', async () => {
  const callSid = 'OUT-look-terminated';
  rig().addCall(callSid, { queuedMs: 0, callingMs: Infinity, faults: [{ kind: 'delay', ms: 1_500 }] });

  const { asker, error } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const asker = await askers().start('ask', [{ callSid }, { taskQueue: rig().taskQueue }]);
    await untilAsked(monitor.workflowId);
    await terminate(monitor.workflowId);
    const error: unknown = await asker.result().catch((reason: unknown) => reason);
    return { asker, error };
  });

  expect((error as WorkflowFailedError).cause).toMatchObject({
    type: 'MonitorEnded',
    message: 'the monitor was terminated before the call had a final status',
    details: [{ callSid, state: 'TERMINATED' }],
  });
  const waitedMs = await durationOf(asker.workflowId);
  expect(waitedMs).toBeGreaterThanOrEqual(5 * MINUTE_MS - 1_000);
  expect(waitedMs).toBeLessThan(6 * MINUTE_MS);
});

test('a monitor that was terminated and started again is asked again, and tells', async () => {
  const callSid = 'OUT-look-restarted';
  rig().addCall(callSid, { queuedMs: 0, callingMs: 20 * MINUTE_MS });

  const { asker, result } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const asker = await askers().start('ask', [{ callSid }, { taskQueue: rig().taskQueue }]);
    await untilAsked(monitor.workflowId);
    await terminate(monitor.workflowId);
    await rig().start({ callSid, polling });
    return { asker, result: await asker.result() };
  });

  expect(result.status).toBe('success');
  // It looked at 5 and at 15 minutes; not told, it would have heard at 35.
  expect(await askers().count(asker.workflowId, 'activityTaskScheduledEventAttributes')).toBe(2);
  expect(await durationOf(asker.workflowId)).toBeLessThan(30 * MINUTE_MS);
});

test('looks grow rarer, so that the history of an asker grows slowly: ten in four hours', async () => {
  const callSid = 'OUT-look-deaf';
  const workflowId = `outbound-call-${callSid}`;
  const result = { callSid, status: 'success', reason: '', polls: 1, timeline: [], finishedAt: '2026-01-01T00:00:00Z' };

  const { asker, heard } = await whileWorking(async () => {
    await askers().start('deafMonitor', [{ ...result, status: 'success' }, 4 * 60 * MINUTE_MS], workflowId);
    const asker = await askers().start('ask', [{ callSid }, { taskQueue: rig().taskQueue }]);
    await untilAsked(workflowId);
    return { asker, heard: await asker.result() };
  });

  expect(heard).toEqual(result);
  const looks = await askers().count(asker.workflowId, 'activityTaskScheduledEventAttributes');
  expect(looks).toBe(10);
  expect(await askers().count(asker.workflowId, 'signalExternalWorkflowExecutionInitiatedEventAttributes')).toBe(2);
  expect((await askers().eventsOf(asker.workflowId)).length).toBeLessThan(140);
});
