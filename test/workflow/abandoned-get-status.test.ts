import { expect, test } from 'vitest';

import { monitorFailureOf, type MonitorHandle } from '../../src/client.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';

/**
 * A monitor abandons a `getStatus` that then ends by itself, and gets neither its result nor its failure. The worker has one
 * activity slot, so that the next `getStatus` begins after that.
 */
const rig = useDevServerRig({ statusUpdates: 'heartbeat', activitySlots: 1 });

const FOR_EVER = { queuedMs: 0, callingMs: Infinity };
const NOT_FOUND = { kind: 'status', status: 404 } as const;

/** Until the monitor has asked for the next `getStatus`, which waits for the activity slot. */
async function untilAbandoned({ workflowId }: MonitorHandle): Promise<void> {
  await eventually('the next getStatus', async () => {
    const { raw } = await rig().client.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.length === 2 || undefined;
  });
}

async function failureOf(monitor: MonitorHandle) {
  return monitorFailureOf(await monitor.result().catch((error: unknown) => error));
}

const EXPIRED = {
  type: 'CallStatusExpired',
  details: { lastObservation: { status: 'calling' }, timeline: [{ status: 'calling' }] },
};

test('a long poll that gets a 404 just after a nudge loses nothing: the monitor ends with CallStatusExpired', async () => {
  const callSid = 'OUT-abandoned-nudge';
  rig().simulator.addCall(callSid, FOR_EVER);

  const failure = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await rig().untilRequested(callSid, 2);
    await monitor.nudge();
    await untilAbandoned(monitor);
    rig().simulator.setFault(NOT_FOUND);
    return await failureOf(monitor);
  });

  expect(failure).toMatchObject(EXPIRED);
  expect(failure?.details?.polls).toBe(rig().simulator.requestsFor(callSid).length);
});

test('a long poll that gets a 404 just after a cancellation loses nothing', async () => {
  const callSid = 'OUT-abandoned-cancel';
  rig().simulator.addCall(callSid, FOR_EVER);

  const progress = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await rig().untilRequested(callSid, 2);
    await monitor.cancel();
    await untilAbandoned(monitor);
    rig().simulator.setFault(NOT_FOUND);
    await monitor.result().catch(() => undefined);
    return await monitor.progress();
  });

  expect(progress).toMatchObject({ phase: 'cancelled', lastObservation: { status: 'calling' } });
  expect(progress.polls).toBe(rig().simulator.requestsFor(callSid).length);
});

test('a nudge between two attempts of a long poll loses nothing', async () => {
  const callSid = 'OUT-abandoned-backoff';
  rig().simulator.addCall(callSid, FOR_EVER);

  const failure = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250, hold: '3s' } });
    await rig().untilRequested(callSid, 2);
    // Longer than the long poll, so that its attempt fails and Temporal waits.
    rig().simulator.setFault({ kind: 'status', status: 503, retryAfter: 300 });
    await eventually('the failed attempt', async () => (await monitor.describe()).pendingPoll?.lastFailure);
    rig().simulator.setFault(NOT_FOUND);
    await monitor.nudge();
    return await failureOf(monitor);
  });

  expect(failure).toMatchObject(EXPIRED);
  expect(failure?.details?.polls).toBe(rig().simulator.requestsFor(callSid).length);
});

test('a long poll whose time is over just after a nudge loses nothing', async () => {
  const callSid = 'OUT-abandoned-result';
  rig().simulator.addCall(callSid, FOR_EVER);

  const result = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250, hold: '4s' } });
    await rig().untilRequested(callSid, 2);
    await monitor.nudge();
    await eventually('the poll after it', async () => (await monitor.progress()).lastObservation);
    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    return await monitor.result();
  });

  expect(result.timeline.map(({ status }) => status)).toEqual(['calling', 'success']);
  expect(result.polls).toBe(rig().simulator.requestsFor(callSid).length);
});
