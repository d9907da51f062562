import { expect, test } from 'vitest';

import type { MonitorHandle } from '../../../src/client.js';
import { GET_STATUS_TIMEOUTS } from '../../../src/contract/pacing.js';
import { choosePorts } from '../../../src/playground/ports.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { fetchRuns } from '../../support/replay.js';
import { WorkerProcess } from '../../support/worker-process.js';

const [METRICS_PORT] = await choosePorts('127.0.0.1', [undefined]);
const measuredRig = useDevServerRig({ searchAttributes: false, extraArgs: ['--metrics-port', `${METRICS_PORT}`] });
const rig = useDevServerRig({ searchAttributes: false });

const CALLS = 10;
const MINUTES = 2;

test.concurrent(
  'SIGKILL of a worker with a long poll is noticed within the heartbeat timeout, and the retry resumes from the heartbeat',
  { timeout: GET_STATUS_TIMEOUTS.longPollHeartbeatTimeoutMs + 60_000 },
  async ({ onTestFinished }) => {
    const callSid = 'OUT-killed-in-long-poll';
    rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });
    const monitor = await rig().start({ callSid, polling: { interval: '1s' } });
    const killed = new WorkerProcess(rig().workerEnvironment(), onTestFinished);
    const held = await eventually('a heartbeat', async () => (await monitor.describe()).pendingPoll?.held);
    expect(await killed.end('SIGKILL')).toBeNull();
    const killedAt = Date.now();
    const requests = rig().simulator.requestsFor(callSid).length;

    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    const survivor = new WorkerProcess(rig().workerEnvironment(), onTestFinished);
    const result = await monitor.result();

    expect(Date.now() - killedAt).toBeLessThan(GET_STATUS_TIMEOUTS.longPollHeartbeatTimeoutMs + 10_000);
    expect(result.status).toBe('success');
    // From the heartbeat of the attempt that was killed.
    expect(result.timeline).toEqual([...held.changes, { status: 'success', at: result.finishedAt }]);
    expect(result.polls).toBeGreaterThan(held.polls);
    expect(rig().simulator.requestsFor(callSid)).toHaveLength(requests + 1);
    expect(await survivor.end('SIGTERM')).toBe(0);
  },
);

test.concurrent(
  'a call of two minutes costs eleven events and at most two billable actions a minute, including heartbeats',
  { timeout: (MINUTES + 1) * 60_000 },
  async () => {
    const callSids = Array.from({ length: CALLS }, (_, index) => `OUT-cost-${index}`);
    const before = await countHeartbeats();
    const script = { queuedMs: 15_000, callingMs: MINUTES * 60_000 - 15_000 };

    const monitors = await measuredRig().whileWorking(async () => {
      for (const callSid of callSids) measuredRig().simulator.addCall(callSid, script);
      const started = await Promise.all(callSids.map((callSid) => measuredRig().start({ callSid })));
      await Promise.all(started.map((monitor) => monitor.result()));
      return started;
    });

    const heartbeats = (await countHeartbeats()) - before;
    expect(heartbeats).toBeGreaterThanOrEqual(CALLS * MINUTES);
    const events = (await Promise.all(monitors.map(eventsOf))).flat();
    expect(events).toHaveLength(11 * CALLS);
    expect(actionsOf(events) + heartbeats).toBeLessThanOrEqual(2 * CALLS * MINUTES);
  },
);

async function eventsOf({ workflowId }: MonitorHandle) {
  const [run] = await fetchRuns(measuredRig().client, workflowId);
  return run?.events ?? [];
}

/** The events that Temporal Cloud bills as actions: here the workflow's start and each attempt of its activity. */
function actionsOf(events: Awaited<ReturnType<typeof eventsOf>>): number {
  return events.filter(
    (event) => event.workflowExecutionStartedEventAttributes ?? event.activityTaskStartedEventAttributes,
  ).length;
}

/** Heartbeats that have reached the server, by its own metrics. */
async function countHeartbeats(): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text();
  const lines = metrics.split('\n').filter((line) => HEARTBEATS.every((part) => line.includes(part)));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const HEARTBEATS = [
  'service_requests{',
  'operation="RecordActivityTaskHeartbeat"',
  // The history service counts each heartbeat again.
  'service_name="frontend"',
];
