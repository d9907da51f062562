import { expect, test } from 'vitest';

import type { MonitorHandle } from '../../../src/client.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { WorkerProcess } from '../../support/worker-process.js';

const rig = useDevServerRig({ searchAttributes: false });

const ENDLESS = { queuedMs: 0, callingMs: Infinity };
const CALLS = Array.from({ length: 24 }, (_, index) => `OUT-two-workers-${index}`);
const INTERVAL_MS = 500;
/** With its first heartbeat, after a minute, a long poll would be told in any case. */
const LONG_BEFORE_A_HEARTBEAT = { withinMs: 40_000 };

function requestsOf(callSid: string): number {
  return rig().simulator.requestsFor(callSid).length;
}

/** How many requests for each call there are within a time. */
async function requestsWithin(ms: number): Promise<number[]> {
  const before = CALLS.map(requestsOf);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return CALLS.map((callSid, index) => requestsOf(callSid) - before[index]!);
}

async function workerOf({ workflowId }: MonitorHandle): Promise<string | null | undefined> {
  const { raw } = await rig().client.workflow.getHandle(workflowId).describe();
  return raw.pendingActivities?.[0]?.lastWorkerIdentity;
}

async function startAll(): Promise<MonitorHandle[]> {
  for (const callSid of CALLS) rig().simulator.addCall(callSid, ENDLESS);
  const polling = { interval: INTERVAL_MS };
  const monitors = await Promise.all(CALLS.map((callSid) => rig().start({ callSid, polling })));
  await eventually('all long polls to run', () => CALLS.every((callSid) => requestsOf(callSid) >= 3) || undefined);
  return monitors;
}

test('nudges and cancellations reach the worker that runs the long poll, whichever it is', async () => {
  const workers = [new WorkerProcess(rig().workerEnvironment()), new WorkerProcess(rig().workerEnvironment())];
  await eventually('both workers', () => workers.every(({ isRunning }) => isRunning) || undefined);
  const monitors = await startAll();
  expect(new Set(await Promise.all(monitors.map(workerOf))).size).toBe(2);

  await Promise.all(monitors.map((monitor) => monitor.nudge()));
  for (const monitor of monitors) {
    await eventually('the answer', async () => ((await monitor.progress()).lastObservation ? true : undefined));
  }
  // A long poll that kept running beside its successor would double the polls.
  await eventually(
    'every call to be polled by one',
    async () => {
      const startedAt = performance.now();
      const more = await requestsWithin(6 * INTERVAL_MS);
      return Math.max(...more) <= (1.5 * (performance.now() - startedAt)) / INTERVAL_MS || undefined;
    },
    LONG_BEFORE_A_HEARTBEAT,
  );

  await Promise.all(monitors.map((monitor) => monitor.cancel()));
  await Promise.allSettled(monitors.map((monitor) => monitor.result()));
  const isSilent = async () => Math.max(...(await requestsWithin(4 * INTERVAL_MS))) === 0 || undefined;
  await eventually('no call to be polled', isSilent, LONG_BEFORE_A_HEARTBEAT);

  for (const worker of workers) expect(await worker.end('SIGTERM')).toBe(0);
});

test('SIGTERM moves every long poll to the other worker, and none of them fails', async () => {
  const polling = { interval: INTERVAL_MS };
  const callSids = CALLS.map((callSid) => `${callSid}-moved`);
  for (const callSid of callSids) rig().simulator.addCall(callSid, ENDLESS);
  const first = new WorkerProcess(rig().workerEnvironment());
  const monitors = await Promise.all(callSids.map((callSid) => rig().start({ callSid, polling })));
  await eventually('all long polls to run', () => callSids.every((callSid) => requestsOf(callSid) >= 3) || undefined);
  const second = new WorkerProcess(rig().workerEnvironment());

  expect(await first.end('SIGTERM')).toBe(0);

  const before = callSids.map(requestsOf);
  await eventually(
    'all to be polled again',
    () => callSids.every((callSid, index) => requestsOf(callSid) > before[index]!) || undefined,
  );
  // After a heartbeat timeout it would be the second.
  for (const monitor of monitors) expect((await monitor.describe()).pendingPoll?.attempt ?? 1).toBe(1);

  for (const callSid of callSids) rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
  for (const result of await Promise.all(monitors.map((monitor) => monitor.result()))) {
    expect(result.timeline.map(({ status }) => status)).toEqual(['calling', 'success']);
  }
  expect(await second.end('SIGTERM')).toBe(0);
});
