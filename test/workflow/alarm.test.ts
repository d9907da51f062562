import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { expect, test } from 'vitest';

import type { MonitorHandle } from '../../src/client.js';
import type { GetStatusInput } from '../../src/contract/get-status.js';
import { ALARM_SEARCH_ATTRIBUTE } from '../../src/contract/names.js';
import { fetchRuns } from '../support/replay.js';
import { useTimeSkippingRig } from '../support/time-skipping-rig.js';

const rig = useTimeSkippingRig();

const alarmKey = defineSearchAttributeKey(ALARM_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);
const MINUTE = 60_000;
const FOR_EVER = { statuses: [{ status: 'calling', forMs: Infinity }] };

/** Retried, because a query may time out while the clock skips. */
async function alarmTold(monitor: MonitorHandle): Promise<unknown> {
  for (;;) {
    const { progress, state } = await monitor.describe();
    expect(state).toBe('RUNNING');
    if (progress) return progress.alarm;
  }
}

async function alarmsOf(monitor: MonitorHandle): Promise<{ told: unknown; found: unknown }> {
  const { typedSearchAttributes } = await rig().env.client.workflow.getHandle(monitor.workflowId).describe();
  return { told: await alarmTold(monitor), found: typedSearchAttributes.get(alarmKey) };
}

test('half an hour without an observation raises the alarm, and the next observation clears it', async () => {
  const callSid = 'OUT-alarm';
  await rig().registerAlarmAttribute();
  rig().addCall(callSid, FOR_EVER);

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().waitForRequests(callSid, 2);
    rig().simulator.setFault({ kind: 'status', status: 503 });
    await rig().env.sleep('28m');
    expect(await alarmsOf(monitor)).toEqual({ told: undefined, found: undefined });

    await rig().env.sleep('4m');
    expect(await alarmsOf(monitor)).toEqual({ told: 'api-unreachable', found: 'api-unreachable' });
    await rig().env.sleep('1h');
    expect(await alarmsOf(monitor)).toMatchObject({ told: 'api-unreachable' });

    rig().simulator.setFault(undefined);
    await rig().env.sleep('2m');
    expect(await alarmsOf(monitor)).toEqual({ told: undefined, found: undefined });
    await rig().endCall(monitor);
  });
});

/** The durations of the long polls that a monitor has requested, in milliseconds; 0 for a single poll. */
async function holdsOf({ workflowId }: MonitorHandle): Promise<number[]> {
  const runs = await fetchRuns(rig().env.client, workflowId);
  return runs
    .flatMap(({ events }) => events ?? [])
    .flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
      const data = scheduled?.input?.payloads?.[0]?.data;
      return data ? [JSON.parse(Buffer.from(data).toString()) as GetStatusInput] : [];
    })
    .map(({ hold }) => hold?.forMs ?? 0);
}

test('a long poll does not delay the alarm, and single polls follow until the next observation', async () => {
  const callSid = 'OUT-alarm-held';
  await rig().registerAlarmAttribute();
  rig().addCall(callSid, FOR_EVER);
  // The clock does not skip during a long poll, so this one fails at once on each attempt.
  rig().bug = new Error('no answer');

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { hold: '10m', interval: '1s' } });
    await rig().env.sleep('29m');
    expect(await alarmTold(monitor)).toBeUndefined();

    await rig().env.sleep('2m');
    expect(await alarmTold(monitor)).toBe('api-unreachable');
    rig().bug = undefined;
    await rig().waitForRequests(callSid, 2);
    const holds = await holdsOf(monitor);
    // The last long poll before the alarm lasts only until the alarm is due.
    expect(holds.at(0)).toBe(10 * MINUTE);
    expect(holds.at(-3)).toBeLessThan(MINUTE);
    expect(holds.slice(-2)).toEqual([0, 10 * MINUTE]);
    expect(await alarmTold(monitor)).toBeUndefined();
    await rig().endCall(monitor);
  });
});

test('a rejected token during a live call raises the alarm at once', async () => {
  const callSid = 'OUT-alarm-token';
  await rig().registerAlarmAttribute();
  rig().addCall(callSid, FOR_EVER);

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().waitForRequests(callSid, 2);
    rig().simulator.setFault({ kind: 'status', status: 401 });
    await rig().env.sleep('10s');
    expect(await alarmsOf(monitor)).toEqual({ told: 'credential-refused', found: 'credential-refused' });

    rig().simulator.setFault(undefined);
    await rig().env.sleep('1m');
    expect(await alarmsOf(monitor)).toEqual({ told: undefined, found: undefined });
    await rig().endCall(monitor);
  });
});

test('without the search attribute the alarm is in progress, and no workflow task fails', async () => {
  const callSid = 'OUT-alarm-unregistered';
  rig().addCall(callSid, FOR_EVER);

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().waitForRequests(callSid, 2);
    rig().simulator.setFault({ kind: 'status', status: 503 });
    await rig().env.sleep('40m');
    expect(await alarmTold(monitor)).toBe('api-unreachable');
    await rig().endCall(monitor);
  });
});
