import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';

import { awaitCallOutcome, getMonitor, monitorFailureOf } from '../../../src/client.js';
import {
  DEFAULT_TASK_QUEUE,
  type MonitorOutboundCallInput,
  type MonitorOutboundCallResult,
} from '../../../src/index.js';
import { choosePorts } from '../../../src/playground/ports.js';
import { type CallScript, startTestKit, type TestKit } from '../../../src/testing.js';
import { quietRuntime } from '../../support/quiet-runtime.js';
import { replayRuns } from '../../support/replay.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let env: TestWorkflowEnvironment;
let kit: TestKit;
let worker: Worker;
let running: Promise<void>;
const monitored: string[] = [];

quietRuntime();

beforeAll(async () => {
  const executable = { type: 'existing-path', path: inject('temporalTestServerPath') } as const;
  const [port] = await choosePorts('127.0.0.1', [undefined]);
  env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable, port: port! } });
  kit = await startTestKit(env);
  worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: DEFAULT_TASK_QUEUE,
    workflowBundle: { codePath: inject('workflowBundlePath') },
    activities: kit.activities,
  });
  running = worker.run();
});

afterEach(async () => {
  await replayRuns(env.client, monitored.splice(0));
});

afterAll(async () => {
  worker.shutdown();
  await running;
  await kit.close();
  await env.teardown();
});

/** Monitors a call to its end, with the default input. */
async function monitor(
  callSid: string,
  script?: CallScript,
  input?: Partial<MonitorOutboundCallInput>,
): Promise<MonitorOutboundCallResult> {
  if (script) kit.addCall(callSid, script);
  monitored.push(getMonitor(env.client, callSid).workflowId);
  return await awaitCallOutcome(env.client, { callSid, ...input });
}

async function failureOf(outcome: Promise<unknown>) {
  return monitorFailureOf(await outcome.catch((error: unknown) => error));
}

function responses(callSid: string, status: number): number {
  return kit.polls(callSid).filter((poll) => poll.status === status).length;
}

test('its server is one that workers with the real getStatus are warned of', () => {
  expect(env.nativeConnection.testService).toBeDefined();
});

test('a call of an hour is polled every 3 s of skipped time', async () => {
  const { status, polls, timeline, finishedAt } = await monitor('OUT-hour', {
    queuedMs: MINUTE_MS,
    callingMs: HOUR_MS,
  });

  expect(status).toBe('success');
  expect(timeline.map((change) => change.status)).toEqual(['queued', 'calling', 'success']);
  expect(Date.parse(finishedAt) - Date.parse(timeline[0]!.at)).toBeGreaterThanOrEqual(61 * MINUTE_MS);
  expect(polls).toBe(kit.polls('OUT-hour').length);
  const gaps = kit.gapsMs('OUT-hour');
  expect(gaps).toHaveLength(polls - 1);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_400);
  const average = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  expect(average).toBeGreaterThan(2_900);
  expect(average).toBeLessThan(3_300);
});

test('a failed call gives its reason', async () => {
  const outcome = await monitor('OUT-busy', { outcome: 'failure', reason: 'busy' });
  expect(outcome).toMatchObject({ status: 'failure', reason: 'busy' });
});

test('a call that is queued past the deadline is MonitorDeadlineExceeded', async () => {
  const failure = await failureOf(monitor('OUT-queued', { queuedMs: Infinity }, { deadline: '20m' }));

  expect(failure?.type).toBe('MonitorDeadlineExceeded');
  expect(failure?.details?.lastObservation?.status).toBe('queued');
  expect(failure?.details?.polls).toBe(kit.polls('OUT-queued').length);
});

test('a burst of 500s under a live call is retried with the backoff of a long poll', async () => {
  const { status, polls } = await monitor('OUT-burst', {
    queuedMs: 0,
    callingMs: 5 * MINUTE_MS,
    faultPeriods: [{ fromMs: MINUTE_MS, forMs: MINUTE_MS, fault: { kind: 'status', status: 500 } }],
  });

  expect(status).toBe('success');
  expect(polls).toBe(kit.polls('OUT-burst').length);
  // 1 + 2 + 4 + 8 + 16 s of backoff, and 30 s.
  expect(responses('OUT-burst', 500)).toBeGreaterThanOrEqual(5);
  expect(responses('OUT-burst', 500)).toBeLessThanOrEqual(8);
});

test('500s before the first observation are retried by Temporal', async () => {
  const faults = [{ kind: 'status', status: 500, times: 4 }] as const;
  const { status, polls } = await monitor('OUT-early', { faults });

  expect(status).toBe('success');
  expect(polls).toBe(kit.polls('OUT-early').length);
  expect(responses('OUT-early', 500)).toBe(4);
});

test('an unknown SID fails with one poll', async () => {
  expect((await failureOf(monitor('OUT-unknown')))?.type).toBe('CallNotFound');
  expect(kit.polls('OUT-unknown').map(({ status }) => status)).toEqual([404]);
});

test('a status that expires under a live call is CallStatusExpired', async () => {
  const fault = { kind: 'status', status: 404 } as const;
  const failure = await failureOf(
    monitor('OUT-expired', { callingMs: HOUR_MS, faultPeriods: [{ fromMs: MINUTE_MS, fault }] }),
  );

  expect(failure?.type).toBe('CallStatusExpired');
  expect(responses('OUT-expired', 404)).toBe(1);
});

test('a token that is rejected for ten minutes costs a poll every 30 s', async () => {
  const fault = { kind: 'status', status: 401 } as const;
  const { status } = await monitor('OUT-token', {
    callingMs: 20 * MINUTE_MS,
    faultPeriods: [{ fromMs: MINUTE_MS, forMs: 10 * MINUTE_MS, fault }],
  });

  expect(status).toBe('success');
  expect(responses('OUT-token', 401)).toBeGreaterThanOrEqual(15);
  expect(responses('OUT-token', 401)).toBeLessThanOrEqual(27);
});

test('a nudge polls at once, and no poll is lost from the count', async () => {
  kit.addCall('OUT-nudged', { queuedMs: 0, callingMs: 10 * MINUTE_MS });
  monitored.push('outbound-call-OUT-nudged');
  const handle = await env.client.workflow.start('monitorOutboundCall', {
    workflowId: 'outbound-call-OUT-nudged',
    taskQueue: DEFAULT_TASK_QUEUE,
    args: [{ callSid: 'OUT-nudged' }],
  });
  await env.sleep('5m');
  await handle.signal('nudge');
  const { polls } = (await handle.result()) as MonitorOutboundCallResult;

  expect(polls).toBe(kit.polls('OUT-nudged').length);
});
