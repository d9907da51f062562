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

test('the outcome is in the store, as the monitor returns it, and no activity more was needed', async () => {
  const callSid = 'OUT-kept';
  rig().addCall(callSid, { queuedMs: 10_000, callingMs: 20_000, outcome: 'failure', reason: 'busy' });

  const result = await rig().monitor({ callSid });

  expect(result.outcomeSaved).toBe(true);
  const { outcomeSaved: _, ...told } = result;
  expect(await outcomes.get(callSid)).toMatchObject({ ...told, workflowId: `outbound-call-${callSid}` });
  expect(new Set(await eventTypesOf(`outbound-call-${callSid}`))).toEqual(new Set(['getStatus']));
});

test('a monitor does not close before its outcome is in the store, which was away for five minutes', async () => {
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

test('a monitor that is cancelled while the store is away still saves, and returns what it knows', async () => {
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
])('a monitor that fails with %s leaves word of it in the store', async (type, input, lastStatus) => {
  if (lastStatus) rig().addCall(input.callSid, { statuses: [{ status: lastStatus, forMs: Infinity }] });

  const failure = await failureOf(rig().monitor(input));

  expect(failure.type).toBe(type);
  const stored = await outcomes.get(input.callSid);
  expect(stored).toMatchObject({ ending: { type, message: failure.message } });
  expect(stored).not.toHaveProperty('status');
  expect(stored?.lastObservation?.status).toBe(lastStatus);
});

test('a monitor that is cancelled while the store is away and its call is not known still leaves word', async () => {
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

test('a monitor that ends before any worker could say whether outcomes are kept leaves word where they are', async () => {
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
    const monitor = await rig().start({ callSid });
    await rig().waitForRequests(callSid, 2);
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });
}

test('a monitor that knows that outcomes are not kept asks no further', async () => {
  rig().outcomes = undefined;
  const callSid = 'OUT-cancelled-off';

  await cancelUnderLiveCall(callSid);

  expect(new Set(await eventTypesOf(`outbound-call-${callSid}`))).toEqual(new Set(['getStatus']));
});

test('an expired status is recorded with the last observation', async () => {
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

test('a cancelled monitor is recorded as cancelled, and its call as what it was last', async () => {
  const callSid = 'OUT-cancelled';

  await cancelUnderLiveCall(callSid);

  expect(await outcomes.get(callSid)).toMatchObject({
    ending: { type: 'Cancelled' },
    lastObservation: { status: 'calling' },
  });
});

test('a call that the API has forgotten is answered from the store, with the same outcome', async () => {
  const callSid = 'OUT-long-ago';
  rig().addCall(callSid, { queuedMs: 3_000, callingMs: 3_000 });
  const first = await rig().monitor({ callSid });
  // As after Temporal's retention: a monitor that knows nothing of the first.
  rig().simulator.setFault({ kind: 'status', status: 404 });

  const again = (await rig().execute({ callSid })) as typeof first;

  const { polls: _, ...told } = first;
  expect(again).toEqual({ ...told, polls: 1 });
});

test('without a store the monitor says nothing of one', async () => {
  rig().outcomes = undefined;
  const callSid = 'OUT-off';
  rig().addCall(callSid, { queuedMs: 0, callingMs: 3_000 });

  expect(await rig().monitor({ callSid })).not.toHaveProperty('outcomeSaved');
  expect(outcomes.saves).toHaveLength(0);
});
