import { expect, test, vi } from 'vitest';

import type { PolyAiClient } from '../../../src/polyai/client.js';
import type { Simulator } from '../../../src/simulator.js';
import { errorOf, everythingIn, simulatorAndClient } from '../../unit/polyai/client-under-test.js';
import { waitFor } from '../../support/wait-for.js';

const INTERVAL_MS = 500;
const ENDLESS = { queuedMs: 0, callingMs: 1e9 };

interface Polling {
  readonly calls: number;
  readonly client: PolyAiClient;
  readonly signal: AbortSignal;
}

/** Polls calls at the interval, spread evenly over it; calls back for each success. */
async function poll({ calls, client, signal }: Polling, onSuccess: (sid: string) => void): Promise<void> {
  const pollOne = async (sid: string, firstMs: number): Promise<void> => {
    await sleep(firstMs);
    while (!signal.aborted) {
      await client.getCallStatus(sid, { signal }).then(
        () => onSuccess(sid),
        () => undefined,
      );
      await sleep(INTERVAL_MS);
    }
  };
  await Promise.all(Array.from({ length: calls }, (_, i) => pollOne(`OUT-${i}`, (i / calls) * INTERVAL_MS)));
}

function addCalls(simulator: Simulator, calls: number): void {
  for (let i = 0; i < calls; i += 1) simulator.addCall(`OUT-${i}`, ENDLESS);
}

function countSince(simulator: Simulator, from: number): number {
  return simulator.requests.filter(({ at }) => at >= from).length;
}

test('during an outage many calls send few probes, and all are served soon after it', async () => {
  const calls = 100;
  const { simulator, client } = await simulatorAndClient();
  addCalls(simulator, calls);
  const ending = new AbortController();
  const good = new Map<string, number>();
  const polling = poll({ calls, client, signal: ending.signal }, (sid) => good.set(sid, Date.now()));
  await sleep(1_500);
  expect(client.throttling).toBeUndefined();

  simulator.setFault({ kind: 'status', status: 503, body: { error: `down, says ${simulator.token}` } });
  await sleep(11_000);
  const probedFrom = Date.now();
  await sleep(4_000);
  const probes = countSince(simulator, probedFrom); // 800 without an outage
  expect(probes).toBeGreaterThanOrEqual(1);
  expect(probes).toBeLessThanOrEqual(8);
  expect(client.throttling).toMatchObject({ cause: 'PolyAiUnavailable' });
  expect(client.throttling!.message).toBe('PolyAI answered 503: down, says [redacted]');
  const notSent = await errorOf(client.getCallStatus('OUT-1', { maxWaitMs: 50 }));
  expect(notSent).toMatchObject({ kind: 'PolyAiUnavailable', notSent: true });
  expect(everythingIn(notSent)).not.toContain(simulator.token);

  const liftedAt = Date.now();
  simulator.setFault(undefined);
  await vi.waitFor(() => expect([...good.values()].filter((at) => at > liftedAt)).toHaveLength(calls), {
    timeout: 15_000,
    interval: 100,
  });
  ending.abort();
  await polling;
});

test('one call that fails again and again throttles neither itself nor the others', async () => {
  const calls = 20;
  const { simulator, client } = await simulatorAndClient();
  addCalls(simulator, calls);
  simulator.addCall('OUT-bad', { ...ENDLESS, faults: [{ kind: 'status', status: 503, times: Infinity }] });
  const ending = new AbortController();
  let good = 0;
  const polling = poll({ calls, client, signal: ending.signal }, () => (good += 1));
  for (let i = 0; i < 300; i += 1) await client.getCallStatus('OUT-bad').catch(() => undefined);
  await sleep(2_000);
  expect(client.throttling).toBeUndefined();
  expect(good).toBeGreaterThan(40);
  ending.abort();
  await polling;
});

test('responses that blame the request throttle nothing', async () => {
  const { simulator, client } = await simulatorAndClient();
  // 401 last, because it opens the auth circuit.
  for (const status of [400, 404, 410, 401]) {
    simulator.setFault({ kind: 'status', status });
    await Promise.all(Array.from({ length: 100 }, (_, i) => errorOf(client.getCallStatus(`OUT-${i}`))));
  }
  expect(simulator.requests).toHaveLength(400);
  expect(client.throttling).toBeUndefined();
});

test('a 429 to several calls throttles at once, with the rate limit as the cause', async () => {
  const { simulator, client } = await simulatorAndClient();
  simulator.setFault({ kind: 'status', status: 429, retryAfter: 30 });
  await Promise.all(Array.from({ length: 5 }, (_, i) => errorOf(client.getCallStatus(`OUT-${i}`))));
  expect(client.throttling).toMatchObject({ cause: 'RateLimited', message: 'PolyAI answered 429: simulated fault' });
});

test('aborted requests are no failures of the API', async () => {
  const { simulator, client } = await simulatorAndClient();
  simulator.setFault({ kind: 'hang' });
  const controller = new AbortController();
  const all = Array.from({ length: 50 }, (_, i) => client.getCallStatus(`OUT-${i}`, { signal: controller.signal }));
  await waitFor(() => expect(simulator.requests).toHaveLength(50));
  controller.abort('enough');
  await Promise.allSettled(all);
  expect(client.throttling).toBeUndefined();
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
