import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';

import { awaitCallOutcome, getMonitor, monitorFailureOf, startMonitor } from '../../../src/client.js';
import {
  DEFAULT_TASK_QUEUE,
  type MonitorOutboundCallInput,
  type MonitorOutboundCallResult,
} from '../../../src/index.js';
import { choosePorts } from '../../../src/playground/ports.js';
import { type CallScript, type GetStatusInput, startTestKit, type TestKit } from '../../../src/testing.js';
import { quietRuntime } from '../../support/quiet-runtime.js';
import { fetchMonitorRuns, fetchRuns, useReplay } from '../../support/replay.js';
import { SwitchableStore } from '../../support/switchable-store.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let env: TestWorkflowEnvironment;
let kit: TestKit;
let worker: Worker;
let running: Promise<void>;
let attempts = 0;
let outcomes: SwitchableStore;
const monitored: string[] = [];

quietRuntime();
const addToReplay = useReplay();

beforeAll(async () => {
  const executable = { type: 'existing-path', path: inject('temporalTestServerPath') } as const;
  const [port] = await choosePorts('127.0.0.1', [undefined]);
  env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable, port: port! } });
  outcomes = await SwitchableStore.open();
  kit = await startTestKit(env, { outcomes });
  worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: DEFAULT_TASK_QUEUE,
    workflowBundle: { codePath: inject('workflowBundlePath') },
    activities: {
      ...kit.activities,
      getStatus: (input: GetStatusInput) => {
        attempts += 1;
        return kit.activities.getStatus(input);
      },
    },
  });
  running = worker.run();
});

afterEach(async () => {
  addToReplay(await fetchMonitorRuns(env.client, monitored.splice(0)));
});

afterAll(async () => {
  worker.shutdown();
  await running;
  await kit.close();
  await outcomes.close();
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

async function eventsOf(callSid: string) {
  const [run] = await fetchRuns(env.client, getMonitor(env.client, callSid).workflowId);
  return run?.events ?? [];
}

/** When a call was polled, counted from its first poll. */
function agesMs(callSid: string): number[] {
  const times = kit.polls(callSid).map(({ at }) => at.getTime());
  return times.map((at) => at - times[0]!);
}

function responses(callSid: string, status: number): number {
  return kit.polls(callSid).filter((poll) => poll.status === status).length;
}

test('its server is one that workers with the real getStatus are warned of', () => {
  expect(env.nativeConnection.testService?.getCurrentTime).toBeTypeOf('function');
});

test('a call of a quarter of an hour is polled every 3 s of skipped time', async () => {
  const { status, polls, timeline } = await monitor('OUT-long', {
    queuedMs: MINUTE_MS,
    callingMs: 14 * MINUTE_MS,
  });

  expect(status).toBe('success');
  expect(timeline.map((change) => change.status)).toEqual(['queued', 'calling', 'success']);
  expect(agesMs('OUT-long').at(-1)).toBeGreaterThanOrEqual(15 * MINUTE_MS);
  expect(polls).toBe(kit.polls('OUT-long').length);
  const gaps = kit.gapsMs('OUT-long');
  expect(gaps).toHaveLength(polls - 1);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_400);
  const average = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  expect(average).toBeGreaterThan(2_900);
  expect(average).toBeLessThan(3_300);
});

test('a call of an hour takes an attempt a minute, and is polled every 3 s', async () => {
  const before = attempts;
  const { polls } = await monitor('OUT-hour', { queuedMs: 0, callingMs: HOUR_MS });

  expect(attempts - before).toBeLessThan(85);
  expect(kit.polls('OUT-hour')).toHaveLength(polls);
  expect(polls).toBeGreaterThan(1_150);
  expect(polls).toBeLessThan(1_250);
  const ages = agesMs('OUT-hour');
  expect(ages).toEqual([...ages].sort((one, other) => one - other));
  expect(Math.max(...kit.gapsMs('OUT-hour'))).toBeLessThan(4_500);
  // The end is observed by the first poll after it.
  expect(ages.filter((ageMs) => ageMs >= HOUR_MS)).toHaveLength(1);
});

test('what a test changes in the middle of a call is noticed within a minute', async () => {
  const callSid = 'OUT-changed';
  kit.addCall(callSid, { queuedMs: 0, callingMs: HOUR_MS });
  monitored.push(getMonitor(env.client, callSid).workflowId);
  const handle = await startMonitor(env.client, { callSid });
  await env.sleep('10m');
  const changedAtMs = await env.currentTimeMs();
  kit.addCall(callSid, { statuses: [{ status: 'failure' }] });
  const { finishedAt, polls } = await handle.result();

  // With room for a slow machine: while an attempt runs, the server's clock runs in real time.
  expect(Date.parse(finishedAt) - changedAtMs).toBeLessThan(90_000);
  expect(polls).toBe(kit.polls(callSid).length);
});

test('the monitor has the history that it has in production, and shows each status when it is observed', async () => {
  const callSid = 'OUT-history';
  kit.addCall(callSid, { queuedMs: MINUTE_MS, callingMs: 4 * MINUTE_MS });
  await env.sleep('1d');
  const handle = await startMonitor(env.client, { callSid });
  monitored.push(handle.workflowId);
  const statusAfter = async (duration: '30s' | '1m') => {
    await env.sleep(duration);
    return (await handle.progress()).lastObservation?.status;
  };

  expect(await statusAfter('30s')).toBe('queued');
  expect(await statusAfter('1m')).toBe('calling');
  expect((await handle.result()).polls).toBe(kit.polls(callSid).length);

  const events = await eventsOf(callSid);
  expect(events.filter((event) => event.activityTaskScheduledEventAttributes)).toHaveLength(1);
  expect(events.filter((event) => event.timerStartedEventAttributes)).toEqual([]);
  const signals = events.flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
  expect(signals).toEqual(['reportStatus', 'reportStatus']);
});

test('the outcome that is saved is the whole of it', async () => {
  const { polls, timeline } = await monitor('OUT-saved', { queuedMs: MINUTE_MS, callingMs: 2 * MINUTE_MS });

  expect(await outcomes.get('OUT-saved')).toMatchObject({ polls, timeline, status: 'success' });
  expect(outcomes.saves.filter(({ callSid }) => callSid === 'OUT-saved')).toHaveLength(1);
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
  const { status, polls } = await monitor('OUT-early', { faults, queuedMs: MINUTE_MS });

  expect(status).toBe('success');
  expect(polls).toBe(kit.polls('OUT-early').length);
  expect(responses('OUT-early', 500)).toBe(4);
  // As in production, the attempt that succeeds returns, so that the Web UI does not show it as failing.
  const polled = (await eventsOf('OUT-early')).filter((event) => event.activityTaskScheduledEventAttributes);
  expect(polled).toHaveLength(2);
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
  const callSid = 'OUT-nudged';
  kit.addCall(callSid, { queuedMs: 0, callingMs: 10 * MINUTE_MS });
  monitored.push(getMonitor(env.client, callSid).workflowId);
  const handle = await startMonitor(env.client, { callSid, polling: { interval: '1m' } });
  // The next attempt is due in more than 45 s of real time: see what the test server does otherwise than a real one.
  while (kit.polls(callSid).length < 4) await env.sleep('1s');
  await handle.nudge();
  const { polls } = await handle.result();

  expect(polls).toBe(kit.polls(callSid).length);
  expect(kit.gapsMs(callSid)[3]).toBeLessThan(30_000);
});
