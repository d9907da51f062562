import { expect, test } from 'vitest';

import { useDevServerRig } from '../support/dev-server-rig.js';

/** As on self-hosted servers before 1.32. */
const rig = useDevServerRig({
  extraArgs: ['--dynamic-config-value', 'system.enableActivityEagerExecution=false'],
});

const ENDLESS = { queuedMs: 0, callingMs: Infinity };
/** Longer than any wait of these tests: only what ends the long poll makes a second request. */
const polling = { interval: '5m' };

test('with one worker a nudge takes effect at once during a long poll, without eager dispatch', async () => {
  const callSid = 'OUT-lazy-nudge';
  rig().simulator.addCall(callSid, ENDLESS);

  const result = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    await rig().untilRequested(callSid, 1);
    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    await monitor.nudge();
    return await monitor.result();
  });

  expect(result).toMatchObject({ status: 'success', polls: 2 });
});

test('with one worker a cancellation takes effect at once during a long poll, without eager dispatch', async () => {
  const callSid = 'OUT-lazy-cancel';
  rig().simulator.addCall(callSid, ENDLESS);

  const state = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    await rig().untilRequested(callSid, 1);
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
    return (await monitor.describe()).state;
  });

  expect(state).toBe('CANCELLED');
  expect(rig().simulator.requestsFor(callSid)).toHaveLength(2);
});
