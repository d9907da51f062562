import { expect, test } from 'vitest';

import type { MonitorHandle } from '../../../src/client.js';
import { GET_STATUS_TIMEOUTS } from '../../../src/contract/pacing.js';
import { CALL_STATUS_SEARCH_ATTRIBUTE } from '../../../src/contract/names.js';
import { STATUS_RETENTION_MS } from '../../../src/contract/retention.js';
import { choosePorts } from '../../../src/playground/ports.js';
import { type DevServerRig, eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { fetchRuns } from '../../support/replay.js';
import { WorkerProcess } from '../../support/worker-process.js';

const [PORT, ATTRIBUTE_PORT] = await choosePorts('127.0.0.1', [undefined, undefined]);
const rig = useDevServerRig({ searchAttributes: false });
const measuredRig = useDevServerRig({ searchAttributes: false, extraArgs: ['--metrics-port', `${PORT}`] });
const attributeRig = useDevServerRig({ searchAttributes: true, extraArgs: ['--metrics-port', `${ATTRIBUTE_PORT}`] });

/** The first heartbeat of a long poll comes after 75 s at most; a busy machine starts the worker late. */
const HEARTBEAT = { withinMs: 180_000 };

const CALLS = 5;
const MINUTES = 3;
/** The default. A call ends so long before its last minute does that its last poll is within that minute. */
const INTERVAL_MS = 3_000;

test.concurrent(
  'SIGKILL of a worker with a long poll is noticed within the heartbeat timeout, and the retry resumes from the heartbeat',
  { timeout: GET_STATUS_TIMEOUTS.longPollHeartbeatTimeoutMs + 240_000 },
  async ({ onTestFinished }) => {
    const callSid = 'OUT-killed-in-long-poll';
    rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });
    const monitor = await rig().start({ callSid, polling: { interval: '1s' } });
    const killed = new WorkerProcess(rig().workerEnvironment(), onTestFinished);
    const held = await eventually('a heartbeat', async () => await heartbeatOf(monitor), HEARTBEAT);
    expect(await killed.end('SIGKILL')).toBeNull();
    const killedAt = Date.now();
    const requests = rig().simulator.requestsFor(callSid).length;

    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    const result = await rig().whileWorking(() => monitor.result());

    expect(Date.now() - killedAt).toBeLessThan(GET_STATUS_TIMEOUTS.longPollHeartbeatTimeoutMs + 10_000);
    expect(result.status).toBe('success');
    // From the heartbeat of the attempt that was killed.
    expect(result.timeline).toEqual([...held.changes, { status: 'success', at: result.finishedAt }]);
    expect(result.polls).toBeGreaterThan(held.polls);
    expect(rig().simulator.requestsFor(callSid)).toHaveLength(requests + 1);
  },
);

/** The heartbeat of a long poll, which a description counts by: it is later than what was reported. */
async function heartbeatOf(monitor: MonitorHandle) {
  const { pendingPoll, progress, polls, outcomeSafeUntil } = await monitor.describe();
  const held = pendingPoll?.held;
  if (!held?.observation || !progress) return undefined;
  expect(polls).toBe(held.polls);
  expect(progress.reportedPolls).toBe(1);
  expect(outcomeSafeUntil?.getTime()).toBe(Date.parse(held.observation.observedAt) + STATUS_RETENTION_MS);
  expect(Date.parse(progress.outcomeSafeUntil!)).toBeLessThan(outcomeSafeUntil!.getTime());
  return held;
}

test.concurrent.each([
  { attribute: 'without', useRig: measuredRig, port: PORT! },
  { attribute: 'with', useRig: attributeRig, port: ATTRIBUTE_PORT! },
])(
  'a call of three minutes that is queued, calling and successful costs 24 events and at most three billable actions a minute, $attribute the search attribute',
  { timeout: (MINUTES + 2) * 60_000 },
  async ({ useRig, port }) => {
    const before = await countHeartbeats(port);
    const monitors = await monitorCalls(useRig());
    const heartbeats = (await countHeartbeats(port)) - before;
    expect(heartbeats).toBeGreaterThanOrEqual(CALLS * (MINUTES - 1));
    const histories = await Promise.all(monitors.map((monitor) => eventsOf(useRig(), monitor)));
    expect(histories.map(({ length }) => length)).toEqual(histories.map(() => 24));
    expect(countActions(histories.flat()) + heartbeats).toBeLessThanOrEqual(3 * CALLS * MINUTES);
  },
);

async function monitorCalls(rig: DevServerRig): Promise<MonitorHandle[]> {
  const callSids = Array.from({ length: CALLS }, (_, index) => `OUT-cost-${index}`);
  const script = { queuedMs: 15_000, callingMs: MINUTES * 60_000 - 15_000 - INTERVAL_MS };
  return await rig.whileWorking(async () => {
    for (const callSid of callSids) rig.simulator.addCall(callSid, script);
    const started = await Promise.all(callSids.map((callSid) => rig.start({ callSid })));
    await Promise.all(started.map((monitor) => monitor.result()));
    return started;
  });
}

async function eventsOf({ client }: DevServerRig, { workflowId }: MonitorHandle) {
  const [run] = await fetchRuns(client, workflowId);
  return run?.events ?? [];
}

/**
 * The events that Temporal Cloud bills as actions. It exempts the search attribute that the SDK writes for a patch, and names
 * neither the patch's marker nor the memo.
 */
function countActions(events: Awaited<ReturnType<typeof eventsOf>>): number {
  return events.filter(
    (event) =>
      event.workflowExecutionStartedEventAttributes ??
      event.activityTaskStartedEventAttributes ??
      event.workflowExecutionSignaledEventAttributes ??
      event.timerStartedEventAttributes ??
      event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields?.[
        CALL_STATUS_SEARCH_ATTRIBUTE
      ],
  ).length;
}

/** Heartbeats that have reached the server, by its own metrics. */
async function countHeartbeats(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = metrics.split('\n').filter((line) => HEARTBEATS.every((part) => line.includes(part)));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const HEARTBEATS = [
  'service_requests{',
  'operation="RecordActivityTaskHeartbeat"',
  // The history service counts each heartbeat again.
  'service_name="frontend"',
];
