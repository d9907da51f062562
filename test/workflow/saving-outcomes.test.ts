import { afterEach, beforeEach, expect, test } from 'vitest';

import { failureOf } from '../support/failure-of.js';
import { fetchRuns } from '../support/replay.js';
import { SwitchableStore } from '../support/switchable-store.js';
import { useTimeSkippingRig } from '../support/time-skipping-rig.js';

const rig = useTimeSkippingRig();

let outcomes: SwitchableStore;
beforeEach(async () => {
  outcomes = await SwitchableStore.open();
  rig().outcomes = outcomes;
});
afterEach(async () => await outcomes.close());

async function eventTypesOf(workflowId: string): Promise<(string | undefined)[]> {
  const runs = await fetchRuns(rig().env.client, workflowId);
  return runs.flatMap(({ events }) =>
    (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled ? [scheduled.activityType?.name ?? undefined] : [],
    ),
  );
}

test('getStatus saves the outcome that the monitor returns, without a further activity', async () => {
  const callSid = 'OUT-kept';
  rig().addCall(callSid, { queuedMs: 10_000, callingMs: 20_000, outcome: 'failure', reason: 'busy' });

  const result = await rig().monitor({ callSid });

  expect(result.outcomeSaved).toBe(true);
  const { outcomeSaved: _, ...told } = result;
  expect(await outcomes.get(callSid)).toMatchObject({ ...told, workflowId: `outbound-call-${callSid}` });
  expect(new Set(await eventTypesOf(`outbound-call-${callSid}`))).toEqual(new Set(['getStatus']));
});

test('a monitor does not close before its outcome is saved, when the store is unavailable for five minutes', async () => {
  const callSid = 'OUT-store-away';
  rig().addCall(callSid, { queuedMs: 0, callingMs: 5_000 });
  outcomes.mode = 'away';

  const result = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().env.sleep('5m');
    const view = await monitor.describe({ workerTimeoutMs: 30_000 });
    expect(view).toMatchObject({
      state: 'RUNNING',
      progress: { phase: 'saving', lastObservation: { status: 'success' } },
    });
    outcomes.mode = 'there';
    return await monitor.result();
  });

  expect(result).toMatchObject({ status: 'success', outcomeSaved: true });
  const { outcomeSaved: _, ...told } = result;
  expect(await outcomes.get(callSid)).toMatchObject(told);
  expect(outcomes.saves.length).toBeGreaterThan(5);
});

test('a monitor that is cancelled while the store is unavailable saves the outcome and returns it', async () => {
  const callSid = 'OUT-store-away-cancelled';
  rig().addCall(callSid, { queuedMs: 0, callingMs: 0 });
  outcomes.mode = 'away';

  const result = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().env.sleep('1m');
    await monitor.cancel();
    await rig().env.sleep('1m');
    outcomes.mode = 'there';
    return await monitor.result();
  });

  expect(result).toMatchObject({ status: 'success', outcomeSaved: true });
});

test.each([
  ['CallNotFound', { callSid: 'OUT-never-was' }, undefined],
  ['MonitorDeadlineExceeded', { callSid: 'OUT-too-long', deadline: '1m' }, 'calling'],
])('a monitor that fails with %s saves a record with that reason', async (type, input, lastStatus) => {
  if (lastStatus) rig().addCall(input.callSid, { statuses: [{ status: lastStatus, forMs: Infinity }] });

  const failure = await failureOf(rig().monitor(input));

  expect(failure.type).toBe(type);
  const stored = await outcomes.get(input.callSid);
  expect(stored).toMatchObject({ ending: { type, message: failure.message } });
  expect(stored).not.toHaveProperty('status');
  expect(stored?.lastObservation?.status).toBe(lastStatus);
});

test('a monitor of an unknown call that is cancelled while the store is unavailable saves a record', async () => {
  const callSid = 'OUT-unknown-store-away';
  outcomes.mode = 'away';

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().env.sleep('10s');
    await monitor.cancel();
    await rig().env.sleep('1m');
    outcomes.mode = 'there';
    await monitor.result().catch(() => undefined);
  });

  expect(await outcomes.get(callSid)).toMatchObject({ ending: { type: 'Cancelled' } });
});

test('a monitor that ends before a worker reports its outcome store saves a record if there is one', async () => {
  const callSid = 'OUT-no-word';
  rig().bug = new Error('a bug of the worker');

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().env.sleep('5s');
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });

  expect(await outcomes.get(callSid)).toMatchObject({ ending: { type: 'Cancelled' } });
  expect((await eventTypesOf(`outbound-call-${callSid}`)).at(-1)).toBe('saveOutcome');
});

async function cancelUnderLiveCall(callSid: string): Promise<void> {
  rig().addCall(callSid, { statuses: [{ status: 'calling', forMs: Infinity }] });
  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: '30s' } });
    await rig().waitForRequests(callSid, 2);
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });
}

test('a monitor whose worker reported no outcome store does not call saveOutcome', async () => {
  rig().outcomes = undefined;
  const callSid = 'OUT-cancelled-off';

  await cancelUnderLiveCall(callSid);

  expect(new Set(await eventTypesOf(`outbound-call-${callSid}`))).toEqual(new Set(['getStatus']));
});

test('the record of an expired status has the last observation', async () => {
  const callSid = 'OUT-forgotten';
  rig().addCall(callSid, { statuses: [{ status: 'calling', forMs: Infinity }] });

  await failureOf(
    rig().whileWorking(async () => {
      const monitor = await rig().start({ callSid });
      await rig().waitForRequests(callSid, 2);
      rig().simulator.setFault({ kind: 'status', status: 404 });
      return await monitor.result();
    }),
  );

  expect(await outcomes.get(callSid)).toMatchObject({
    ending: { type: 'CallStatusExpired' },
    lastObservation: { status: 'calling' },
  });
});

test('the record of a cancelled monitor has the reason Cancelled and the last observation', async () => {
  const callSid = 'OUT-cancelled';

  await cancelUnderLiveCall(callSid);

  expect(await outcomes.get(callSid)).toMatchObject({
    ending: { type: 'Cancelled' },
    lastObservation: { status: 'calling' },
  });
});

test('after the status has expired a new monitor returns the stored outcome', async () => {
  const callSid = 'OUT-long-ago';
  rig().addCall(callSid, { queuedMs: 3_000, callingMs: 3_000 });
  const first = await rig().monitor({ callSid });
  // As after Temporal's retention period: the new monitor has no state of the first.
  rig().simulator.setFault({ kind: 'status', status: 404 });

  const again = (await rig().execute({ callSid })) as typeof first;

  const { polls: _, ...told } = first;
  expect(again).toEqual({ ...told, polls: 1 });
});

test('a monitor whose deadline passes while the store is unavailable returns the outcome that the store has', async () => {
  const callSid = 'OUT-deadline-store-away';
  rig().addCall(callSid, { queuedMs: 3_000, callingMs: 3_000 });
  const first = await rig().monitor({ callSid });
  rig().simulator.setFault({ kind: 'status', status: 404 });
  outcomes.mode = 'away';
  const workflowId = 'second-monitor';

  const again = await rig().whileWorking(async () => {
    const options = {
      workflowId,
      taskQueue: rig().taskQueue,
      args: [{ callSid, deadline: '1m', polling: { hold: 0 } }],
    };
    const second = await rig().env.client.workflow.start('monitorOutboundCall', options);
    await rig().env.sleep('10m');
    outcomes.mode = 'there';
    return (await second.result()) as typeof first;
  });

  expect(again).toMatchObject({ status: first.status, finishedAt: first.finishedAt });
});

test('without a store the result has no outcomeSaved', async () => {
  rig().outcomes = undefined;
  const callSid = 'OUT-off';
  rig().addCall(callSid, { queuedMs: 0, callingMs: 3_000 });

  expect(await rig().monitor({ callSid })).not.toHaveProperty('outcomeSaved');
  expect(outcomes.saves).toHaveLength(0);
});
