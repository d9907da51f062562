import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { expect, test } from 'vitest';

import type { MonitorHandle } from '../../src/client/index.js';
import { ALARM_SEARCH_ATTRIBUTE } from '../../src/contract/index.js';
import { useTimeSkippingRig } from '../support/time-skipping-rig.js';

const rig = useTimeSkippingRig();

const alarmKey = defineSearchAttributeKey(ALARM_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);
const FOR_EVER = { statuses: [{ status: 'calling', forMs: Infinity }] };

/** Asked again where there is no answer in time, as may happen while the clock skips. */
async function alarmTold(monitor: MonitorHandle): Promise<unknown> {
  for (;;) {
    const { progress } = await monitor.look();
    if (progress) return progress.alarm;
  }
}

async function alarmsOf(monitor: MonitorHandle): Promise<{ told: unknown; found: unknown }> {
  const { typedSearchAttributes } = await rig().env.client.workflow.getHandle(monitor.workflowId).describe();
  return { told: await alarmTold(monitor), found: typedSearchAttributes.get(alarmKey) };
}

test('an API without a good answer for half an hour raises the alarm, which the next good answer clears', async () => {
  const callSid = 'OUT-alarm';
  await rig().registerAlarmAttribute();
  await rig().addCall(callSid, FOR_EVER);

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
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });
});

test('a token refused under a live call raises it at once', async () => {
  const callSid = 'OUT-alarm-token';
  await rig().registerAlarmAttribute();
  await rig().addCall(callSid, FOR_EVER);

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().waitForRequests(callSid, 2);
    rig().simulator.setFault({ kind: 'status', status: 401 });
    await rig().env.sleep('10s');
    expect(await alarmsOf(monitor)).toEqual({ told: 'credential-refused', found: 'credential-refused' });

    rig().simulator.setFault(undefined);
    await rig().env.sleep('1m');
    expect(await alarmsOf(monitor)).toEqual({ told: undefined, found: undefined });
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });
});

test('a namespace without the search attribute has the alarm in progress, and no task that fails', async () => {
  const callSid = 'OUT-alarm-unregistered';
  await rig().addCall(callSid, FOR_EVER);

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await rig().waitForRequests(callSid, 2);
    rig().simulator.setFault({ kind: 'status', status: 503 });
    await rig().env.sleep('40m');
    expect(await alarmTold(monitor)).toBe('api-unreachable');
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });
});
