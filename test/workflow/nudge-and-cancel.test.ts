import type { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { expect, test } from 'vitest';

import type { MonitorHandle } from '../../src/client.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';

const rig = useDevServerRig();

const FOR_EVER = { statuses: [{ status: 'calling', forMs: Infinity }] };

function requestsOf(callSid: string): number {
  return rig().simulator.requestsFor(callSid).length;
}

async function untilWaiting(monitor: MonitorHandle): Promise<void> {
  await eventually('the sleep', async () => ((await monitor.progress()).phase === 'waiting' ? true : undefined));
}

async function endOf(monitor: MonitorHandle): Promise<unknown> {
  return await monitor.result().catch((error: unknown) => (error as WorkflowFailedError).cause);
}

test('a nudge ends the wait of a monitor with an interval of five minutes', async () => {
  const callSid = 'OUT-nudge';
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: 30_000 });

  const result = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: '5m', hold: 0 } });
    await untilWaiting(monitor);
    rig().simulator.clock.advance(60_000);
    await monitor.nudge();
    return await monitor.result();
  });

  expect(result.status).toBe('success');
  expect(requestsOf(callSid)).toBe(2);
});

test('a nudge ends the backoff of a failing poll', async () => {
  const callSid = 'OUT-nudge-back-off';
  rig().simulator.addCall(callSid, {
    queuedMs: 0,
    callingMs: 0,
    faults: [{ kind: 'status', status: 503, retryAfter: 300 }],
  });

  const result = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().untilRequested(callSid, 1);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await monitor.nudge();
    return await monitor.result();
  });

  expect(result.status).toBe('success');
});

test('a nudge in the first second of a failing poll is not lost', async () => {
  const callSid = 'OUT-nudge-young';
  const faults = [{ kind: 'status', status: 503, retryAfter: 300 }] as const;
  rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }], faults });

  const result = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().untilRequested(callSid, 1);
    await monitor.nudge();
    return await monitor.result();
  });

  expect(result.status).toBe('success');
});

test('cancellation polls once more, writes the status to the memo and ends as cancelled', async () => {
  const callSid = 'OUT-cancel';
  rig().simulator.addCall(callSid, FOR_EVER);

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: '5m', hold: 0 } });
    await untilWaiting(monitor);
    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    await monitor.cancel();
    expect(await endOf(monitor)).toBeInstanceOf(CancelledFailure);
    expect((await monitor.progress()).phase).toBe('cancelled');
  });

  expect(requestsOf(callSid)).toBe(2);
  const { memo } = await rig().client.workflow.getHandle(`outbound-call-${callSid}`).describe();
  expect(memo).toMatchObject({ callSid, callStatus: 'success' });
});

test('cancellation aborts a request without an answer', async () => {
  const callSid = 'OUT-cancel-hang';
  rig().simulator.addCall(callSid, { ...FOR_EVER, faults: [{ kind: 'hang' }] });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().untilRequested(callSid, 1);
    await monitor.cancel();
    expect(await endOf(monitor)).toBeInstanceOf(CancelledFailure);
  });

  expect(
    rig()
      .simulator.requestsFor(callSid)
      .map(({ status }) => status),
  ).toEqual(['dropped', 200]);
});
