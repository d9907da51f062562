import { expect, test } from 'vitest';

import { monitorFailureOf } from '../../src/client.js';
import { CALL_STATUS_SEARCH_ATTRIBUTE } from '../../src/contract/names.js';
import { useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';

const rig = useDevServerRig({ statusUpdates: 'heartbeat' });

const MINUTE_MS = 60_000;

test('a call that is seen queued, calling and successful in one long poll costs as much as one that was over', async () => {
  const callSid = 'OUT-by-heartbeat';
  rig().simulator.addCall(callSid, { queuedMs: MINUTE_MS, callingMs: MINUTE_MS });

  const { workflowId, result } = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    for (const polls of [2, 4]) {
      await rig().untilRequested(callSid, polls);
      rig().simulator.clock.advance(MINUTE_MS);
    }
    return { workflowId: monitor.workflowId, result: await monitor.result() };
  });

  expect(result.timeline.map(({ status }) => status)).toEqual(['queued', 'calling', 'success']);
  // The last one is the search attribute.
  expect((await fetchRuns(rig().client, workflowId))[0]?.events).toHaveLength(11 + 1);
});

test('a nudge loses nothing that only the heartbeat had: a 404 after it is CallStatusExpired', async () => {
  const callSid = 'OUT-by-heartbeat-nudged';
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });

  const failure = await rig().whileWorking(async () => {
    // So long that the long poll has one poll only, and the 404 can reach none but the one that follows the nudge.
    const monitor = await rig().start({ callSid, polling: { interval: '5m' } });
    await rig().untilRequested(callSid, 1);
    expect((await monitor.progress()).lastObservation).toBeUndefined();
    rig().simulator.setFault({ kind: 'status', status: 404 });
    await monitor.nudge();
    return monitorFailureOf(await monitor.result().catch((error: unknown) => error));
  });

  expect(failure).toMatchObject({ type: 'CallStatusExpired', details: { timeline: [{ status: 'calling' }] } });
});

test('a status that only a failed long poll has seen is in the search attribute', async () => {
  const callSid = 'OUT-by-heartbeat-failed';
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });

  const description = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await rig().untilRequested(callSid, 2);
    rig().simulator.setFault({ kind: 'status', status: 404 });
    await monitor.result().catch(() => undefined);
    return await rig().client.workflow.getHandle(monitor.workflowId).describe();
  });

  expect(description.status.name).toBe('FAILED');
  const attributes = description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
  expect(attributes).toContainEqual([CALL_STATUS_SEARCH_ATTRIBUTE, 'calling']);
});
