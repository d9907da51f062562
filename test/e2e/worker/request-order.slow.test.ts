import { expect, test } from 'vitest';

import type { PolyAiClientOptions } from '../../../src/index.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';

const rig = useDevServerRig({ searchAttributes: false });

const ENDLESS = { queuedMs: 0, callingMs: 1e9 };

/** Monitors of endless calls on a real worker whose client has these limits, while `work` runs. */
async function whileMonitoring(
  sids: readonly string[],
  limits: Partial<PolyAiClientOptions>,
  work: () => Promise<void>,
): Promise<void> {
  await rig().whileWorking(async () => {
    const monitors = await Promise.all(sids.map((callSid) => rig().start({ callSid, polling: { interval: 500 } })));
    try {
      await work();
    } finally {
      rig().simulator.setFault(undefined);
      await Promise.all(monitors.map((monitor) => monitor.cancel()));
      await Promise.allSettled(monitors.map((monitor) => monitor.result()));
    }
  }, limits);
}

const sidsOf = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `OUT-${name}-${i}`);
const requestCounts = (sids: readonly string[]): number[] => sids.map((sid) => rig().simulator.requestsFor(sid).length);

test('calls that are nudged are polled at once, although the rate limit is below the demand', async () => {
  const { simulator, client } = rig();
  const sids = sidsOf('queued', 20); // 20 calls wait 10 s for 2 requests a second
  for (const sid of sids) simulator.addCall(sid, ENDLESS);
  await whileMonitoring(sids, { maxRequestsPerSecond: 2 }, async () => {
    await eventually('a poll of each call', () => (requestCounts(sids).every((count) => count > 0) ? true : undefined));
    for (const sid of sids.slice(0, 5)) {
      const before = simulator.requestsFor(sid).length;
      const requestsBefore = simulator.requests.length;
      await client.workflow.getHandle(`outbound-call-${sid}`).signal('nudge');
      await eventually(`a poll of ${sid}`, () => simulator.requestsFor(sid)[before]);
      expect(simulator.requests.length - requestsBefore).toBeLessThan(10);
    }
  });
});

test('while the API fails for 70 % of the calls, the others are polled at their interval', async () => {
  const { simulator } = rig();
  const failing = sidsOf('failing', 14);
  const healthy = sidsOf('healthy', 6);
  const fails = { kind: 'status', status: 500, times: Infinity } as const;
  for (const sid of failing) simulator.addCall(sid, { ...ENDLESS, faults: [fails] });
  for (const sid of healthy) simulator.addCall(sid, ENDLESS);
  await whileMonitoring([...failing, ...healthy], {}, async () => {
    await eventually('a poll of each', () => (requestCounts(healthy).every((count) => count > 0) ? true : undefined));
    await sleep(3_000);
    const before = requestCounts(healthy);
    await sleep(10_000);
    const polls = requestCounts(healthy).map((count, i) => count - before[i]!);
    // 20 at the interval of 500 ms; a busy machine is slower.
    expect(Math.min(...polls)).toBeGreaterThan(10);
  });
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
