import { expect, test } from 'vitest';

import { eventually, useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';

const rig = useDevServerRig({
  extraArgs: ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60'],
});

test('continue-as-new carries over the timeline, the polls and the deadline', async () => {
  const callSid = 'OUT-long';

  const { result, before, after } = await rig().whileWorking(async () => {
    rig().simulator.addCall(callSid, { queuedMs: 60_000, callingMs: Infinity });
    const monitor = await rig().start({ callSid, polling: { interval: 250, hold: 0 }, deadline: '1h' });
    await rig().untilRequested(callSid, 3);
    const before = await monitor.progress();
    rig().simulator.clock.advance(60_000);
    await rig().untilRequested(callSid, rig().simulator.requestsFor(callSid).length + 2);
    await eventually('the second run', async () =>
      (await fetchRuns(rig().client, monitor.workflowId)).length > 1 ? true : undefined,
    );
    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    const result = await monitor.result();
    return { result, before, after: await monitor.progress() };
  });

  const runs = await fetchRuns(rig().client, `outbound-call-${callSid}`);
  expect(runs.length).toBeGreaterThan(1);
  for (const { events } of runs) expect(events?.length).toBeLessThan(90);
  expect(result.timeline.map(({ status }) => status)).toEqual(['queued', 'calling', 'success']);
  expect(result.polls).toBe(rig().simulator.requestsFor(callSid).length);
  expect(after).toMatchObject({ startedAt: before.startedAt, deadlineAt: before.deadlineAt, phase: 'finished' });
});

test('nudges are not lost across continue-as-new', async () => {
  const callSid = 'OUT-nudged-long';
  rig().simulator.addCall(callSid, { statuses: [{ status: 'calling', forMs: Infinity }] });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: '5m' } });
    for (let nudges = 1; nudges <= 20; nudges += 1) {
      const seen = rig().simulator.requestsFor(callSid).length;
      await monitor.nudge();
      await eventually(`a poll after nudge ${nudges}`, () =>
        rig().simulator.requestsFor(callSid).length > seen ? true : undefined,
      );
    }
    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    await monitor.nudge();
    expect((await monitor.result()).status).toBe('success');
  });

  const runs = await fetchRuns(rig().client, `outbound-call-${callSid}`);
  expect(runs.length).toBeGreaterThan(1);
});

test('a nudge just before continue-as-new loses no progress of the long poll', async () => {
  const callSid = 'OUT-nudged-held-long';

  const result = await rig().whileWorking(async () => {
    rig().simulator.addCall(callSid, { queuedMs: 60_000, callingMs: 600_000 });
    const monitor = await rig().start({ callSid, polling: { interval: 500 } });
    for (let nudges = 1; nudges <= 12; nudges += 1) {
      const { length } = rig().simulator.requestsFor(callSid);
      await eventually('a hold', async () => ((await monitor.progress()).phase === 'holding' ? true : undefined));
      await monitor.nudge();
      await eventually('polls', () => (rig().simulator.requestsFor(callSid).length > length + 2 ? true : undefined));
      if (nudges === 6) rig().simulator.clock.advance(60_000);
    }
    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    return await monitor.result();
  });

  expect((await fetchRuns(rig().client, `outbound-call-${callSid}`)).length).toBeGreaterThan(1);
  expect(result.timeline.map(({ status }) => status)).toEqual(['queued', 'calling', 'success']);
  const requests = rig().simulator.requestsFor(callSid).length;
  // A request that a nudge interrupted may not have been counted.
  expect(result.polls).toBeGreaterThanOrEqual(requests - 12);
  expect(result.polls).toBeLessThanOrEqual(requests);
});

test('continue-as-new carries over the memo, the phase and the current details', async () => {
  const callSid = 'OUT-shown-long';
  rig().simulator.addCall(callSid, { statuses: [{ status: 'calling', forMs: Infinity }] });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: '5m', hold: 0 } });
    const handle = rig().client.workflow.getHandle(monitor.workflowId);
    const { runId } = await handle.describe();
    const later = await eventually('the next run', async () => {
      await monitor.nudge();
      const description = await handle.describe();
      return description.runId === runId ? undefined : description;
    });
    await eventually('the sleep', async () => ((await monitor.progress()).phase === 'waiting' ? true : undefined));
    expect(later.memo).toMatchObject({ callSid, callStatus: 'calling' });
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('**calling**');
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });
});
