import type { WorkflowFailedError } from '@temporalio/client';
import { expect, test } from 'vitest';

import { useSubscriberRig } from '../support/subscriber-rig.js';
import { eventually } from '../support/dev-server-rig.js';
import { useTimeSkippingRig } from '../support/time-skipping-rig.js';

const rig = useTimeSkippingRig();
const subscribers = useSubscriberRig(() => ({ client: rig().env.client, connection: rig().env.nativeConnection }));

const MINUTE_MS = 60_000;
const polling = { interval: '5m', hold: 0 } as const;

async function whileWorking<T>(work: () => Promise<T>): Promise<T> {
  return await rig().whileWorking(() => subscribers().whileWorking(work));
}

/** In real time, because no result is awaited. */
/** Terminates a monitor in its sleep: an open poll or workflow task would keep this server's clock from skipping. */
async function terminate(workflowId: string): Promise<void> {
  await eventually('its sleep', async () => {
    const events = await subscribers().eventsOf(workflowId);
    // The subscriber's signal may have come, and its workflow task completed, during the poll or after the timer started.
    if (!events.some((event) => event.timerStartedEventAttributes)) return undefined;
    const { timerStartedEventAttributes, workflowTaskCompletedEventAttributes } = events.at(-1) ?? {};
    return (timerStartedEventAttributes ?? workflowTaskCompletedEventAttributes) ? true : undefined;
  });
  await rig().env.client.workflow.getHandle(workflowId).terminate('enough');
}

async function durationOf(workflowId: string): Promise<number> {
  const events = await subscribers().eventsOf(workflowId);
  const [first, last] = [events[0], events.at(-1)].map((event) => Number(event?.eventTime?.seconds ?? 0) * 1_000);
  return last! - first!;
}

test('a terminated monitor, which sends no signal, is detected within five minutes', async () => {
  const callSid = 'OUT-look-terminated';
  rig().addCall(callSid, { queuedMs: 0, callingMs: Infinity, faults: [{ kind: 'delay', ms: 1_500 }] });

  const { subscriber, error } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const subscriber = await subscribers().start('ask', [{ callSid }, { taskQueue: rig().taskQueue }]);
    await subscribers().untilSubscribed(callSid);
    await terminate(monitor.workflowId);
    const error: unknown = await subscriber.result().catch((reason: unknown) => reason);
    return { subscriber, error };
  });

  expect((error as WorkflowFailedError).cause).toMatchObject({
    type: 'MonitorEnded',
    message: 'the monitor was terminated without a result',
    details: [{ callSid, state: 'TERMINATED' }],
  });
  const waitedMs = await durationOf(subscriber.workflowId);
  expect(waitedMs).toBeGreaterThanOrEqual(5 * MINUTE_MS - 1_000);
  expect(waitedMs).toBeLessThan(6 * MINUTE_MS);
});

test('subscribes again to a monitor that was terminated and restarted', async () => {
  const callSid = 'OUT-look-restarted';
  rig().addCall(callSid, { queuedMs: 0, callingMs: 20 * MINUTE_MS });

  const { subscriber, result } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const subscriber = await subscribers().start('ask', [{ callSid }, { taskQueue: rig().taskQueue }]);
    await subscribers().untilSubscribed(callSid);
    await terminate(monitor.workflowId);
    await rig().start({ callSid, polling });
    return { subscriber, result: await subscriber.result() };
  });

  expect(result.status).toBe('success');
  // It polls after 5 and 15 minutes; without a signal the next poll is due after 35.
  expect(await subscribers().count(subscriber.workflowId, 'activityTaskScheduledEventAttributes')).toBe(2);
  expect(await durationOf(subscriber.workflowId)).toBeLessThan(30 * MINUTE_MS);
});

test('the interval of fallback polls grows: ten in four hours keep the history short', async () => {
  const callSid = 'OUT-look-deaf';
  const workflowId = `outbound-call-${callSid}`;
  const result = { callSid, status: 'success', reason: '', polls: 1, timeline: [], finishedAt: '2026-01-01T00:00:00Z' };

  const { subscriber, received } = await whileWorking(async () => {
    await subscribers().start('deafMonitor', [{ ...result, status: 'success' }, 4 * 60 * MINUTE_MS], workflowId);
    const subscriber = await subscribers().start('ask', [{ callSid }, { taskQueue: rig().taskQueue }]);
    await subscribers().untilSubscribed(callSid);
    return { subscriber, received: await subscriber.result() };
  });

  expect(received).toEqual(result);
  const fallbackPolls = await subscribers().count(subscriber.workflowId, 'activityTaskScheduledEventAttributes');
  expect(fallbackPolls).toBe(10);
  expect(
    await subscribers().count(subscriber.workflowId, 'signalExternalWorkflowExecutionInitiatedEventAttributes'),
  ).toBe(2);
  expect((await subscribers().eventsOf(subscriber.workflowId)).length).toBeLessThan(140);
});
