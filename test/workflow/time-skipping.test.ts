import { expect, test } from 'vitest';

import { eventually } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';
import { useTimeSkippingRig } from '../support/time-skipping-rig.js';

const rig = useTimeSkippingRig();

async function scheduledPolls(workflowId: string): Promise<number> {
  const runs = await fetchRuns(rig().env.client, workflowId);
  return runs.flatMap(({ events }) => events ?? []).filter((event) => event.activityTaskScheduledEventAttributes)
    .length;
}

// Two tests, in this order: the test server never releases the time-skipping lock of the first one's open poll.

test('a monitor that is cancelled during a slow poll closes before that poll completes', async () => {
  const callSid = 'OUT-cancelled-in-flight';
  const faults = [
    { kind: 'delay', ms: 0 },
    { kind: 'delay', ms: 1_500 },
  ] as const;
  rig().addCall(callSid, { statuses: [{ status: 'calling', forMs: Infinity }], faults });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid });
    await eventually('the slow poll', async () =>
      (await scheduledPolls(monitor.workflowId)) === 2 ? true : undefined,
    );
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });

  const [run] = await fetchRuns(rig().env.client, `outbound-call-${callSid}`);
  const completions = run?.events?.filter((event) => event.activityTaskCompletedEventAttributes);
  expect(completions).toHaveLength(2);
});

test('the next test still skips time', async () => {
  const callSid = 'OUT-after-cancelled-in-flight';
  rig().addCall(callSid, { queuedMs: 0, callingMs: 10 * 60_000 });

  expect(await rig().monitor({ callSid, polling: { interval: '1m' } })).toMatchObject({ status: 'success' });
});
