import { expect, test } from 'vitest';

import { monitorFailureOf, type MonitorHandle } from '../../src/client.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';

const rig = useDevServerRig({ searchAttributes: false });

const MINUTE_MS = 60_000;
const FOR_EVER = { queuedMs: 0, callingMs: Infinity };
/** Start, activity and completion, and the events of the workflow tasks between them. */
const EVENTS_OF_A_HELD_CALL = 11;
/** A signal, a workflow task and the memo. */
const EVENTS_OF_A_STATUS_REPORT = 5;
/** With the first status report of a run comes the marker of its patch, and the marker's search attribute. */
const EVENTS_OF_THE_PATCH = 2;

function requestsOf(callSid: string): number {
  return rig().simulator.requestsFor(callSid).length;
}

async function eventsOf({ workflowId }: MonitorHandle) {
  const [run] = await fetchRuns(rig().client, workflowId);
  return run?.events ?? [];
}

async function countEvents(
  monitor: MonitorHandle,
  attributes: 'activityTaskScheduled' | 'activityTaskFailed' | 'activityTaskTimedOut',
) {
  return (await eventsOf(monitor)).filter((event) => event[`${attributes}EventAttributes`]).length;
}

/** When the server scheduled each `getStatus`. */
async function scheduleTimesMs(monitor: MonitorHandle): Promise<number[]> {
  return (await eventsOf(monitor))
    .filter((event) => event.activityTaskScheduledEventAttributes)
    .map(({ eventTime }) => Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6);
}

/** Expects no request for a call within several intervals. */
async function expectSilence(callSid: string, intervalMs: number): Promise<void> {
  const before = requestsOf(callSid);
  await new Promise((resolve) => setTimeout(resolve, 4 * intervalMs));
  expect(requestsOf(callSid)).toBe(before);
}

test('a call that is seen queued, calling and successful in one long poll costs 24 events and has a complete timeline', async () => {
  const callSid = 'OUT-held';

  rig().simulator.addCall(callSid, { queuedMs: 5 * MINUTE_MS, callingMs: 5 * MINUTE_MS });

  const { monitor, result } = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await rig().untilRequested(callSid, 4);
    rig().simulator.clock.advance(5 * MINUTE_MS);
    await rig().untilRequested(callSid, 8);
    rig().simulator.clock.advance(5 * MINUTE_MS);
    return { monitor, result: await monitor.result() };
  });

  expect(result.timeline.map(({ status }) => status)).toEqual(['queued', 'calling', 'success']);
  expect(result.polls).toBe(requestsOf(callSid));
  expect(result.polls).toBeGreaterThan(6);
  // The terminal status is written to the memo.
  const reports = 2 * EVENTS_OF_A_STATUS_REPORT + EVENTS_OF_THE_PATCH;
  expect(await eventsOf(monitor)).toHaveLength(EVENTS_OF_A_HELD_CALL + reports + 1);
  expect(await monitor.describe({ workerTimeoutMs: 0 })).toMatchObject({ callStatus: 'success', polls: result.polls });
});

test('a nudge interrupts a long poll: a single poll follows at once, no progress is lost, then a new long poll', async () => {
  const callSid = 'OUT-held-nudge';
  rig().simulator.addCall(callSid, { queuedMs: 60_000, callingMs: 60_000 });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: '5m' } });
    await rig().untilRequested(callSid, 1);
    rig().simulator.clock.advance(90_000);
    await monitor.nudge();
    await rig().untilRequested(callSid, 2);
    const progress = await eventually('the answer', async () => {
      const { lastObservation, timeline, polls } = await monitor.progress();
      // Until the poll that the nudge made is in it: the first status was reported before.
      return polls < 2 ? undefined : lastObservation && { timeline: timeline.map(({ status }) => status), polls };
    });
    expect(progress).toEqual({ timeline: ['queued', 'calling'], polls: 2 });
    rig().simulator.clock.advance(90_000);
    await monitor.nudge();
    expect(await monitor.result()).toMatchObject({ status: 'success', polls: 3 });
  });
});

test('progress of a long poll survives two nudges in an outage: a 404 after it is CallStatusExpired', async () => {
  const callSid = 'OUT-held-nudged-twice';
  rig().simulator.addCall(callSid, FOR_EVER);

  const failure = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await rig().untilRequested(callSid, 3);
    rig().simulator.setFault({ kind: 'status', status: 503, retryAfter: 300 });
    await monitor.nudge();
    await eventually('a failing poll', async () => (await monitor.describe()).pendingPoll?.lastFailure);
    const before = requestsOf(callSid);
    await monitor.nudge();
    await rig().untilRequested(callSid, before + 1);
    rig().simulator.setFault({ kind: 'status', status: 404 });
    await monitor.nudge();
    return monitorFailureOf(await monitor.result().catch((error: unknown) => error));
  });

  expect(failure).toMatchObject({
    type: 'CallStatusExpired',
    details: { lastObservation: { status: 'calling' }, timeline: [{ status: 'calling' }] },
  });
  // Neither of the two single polls that a nudge cut short counts, nor does a poll of the long poll that the first one aborts.
  const { polls } = failure!.details!;
  expect([requestsOf(callSid) - 2, requestsOf(callSid) - 3]).toContain(polls);
});

test('cancellation ends a long poll within seconds, with one last poll', async () => {
  const callSid = 'OUT-held-cancel';
  rig().simulator.addCall(callSid, FOR_EVER);

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await rig().untilRequested(callSid, 3);
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
    await expectSilence(callSid, 250);
    const { state, callStatus } = await monitor.describe();
    expect({ state, callStatus }).toEqual({ state: 'CANCELLED', callStatus: 'calling' });
  });
});

test('a 404 in a long poll after an observation is CallStatusExpired, with the complete timeline', async () => {
  const callSid = 'OUT-held-expired';
  rig().simulator.addCall(callSid, FOR_EVER);

  const failure = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await rig().untilRequested(callSid, 2);
    rig().simulator.setFault({ kind: 'status', status: 404 });
    return monitorFailureOf(await monitor.result().catch((error: unknown) => error));
  });

  expect(failure).toMatchObject({
    type: 'CallStatusExpired',
    details: { lastObservation: { status: 'calling' }, timeline: [{ status: 'calling' }], polls: requestsOf(callSid) },
  });
});

test('a rejected token in a long poll begins a credential hold that progress shows', async () => {
  const callSid = 'OUT-held-refused';
  rig().simulator.addCall(callSid, FOR_EVER);

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await rig().untilRequested(callSid, 2);
    rig().simulator.setFault({ kind: 'status', status: 401 });
    await eventually('the credential hold', async () =>
      (await monitor.progress()).phase === 'credential-hold' ? true : undefined,
    );
    expect(await monitor.progress()).toMatchObject({ lastObservation: { status: 'calling' } });
    rig().simulator.setFault(undefined);
    await monitor.nudge();
    await eventually('a hold again', async () => ((await monitor.progress()).phase === 'holding' ? true : undefined));
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });
});

test('a long poll retries errors after an observation itself, without a failed attempt', async () => {
  const callSid = 'OUT-held-errors';
  rig().simulator.addCall(callSid, FOR_EVER);

  const { monitor, result } = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await rig().untilRequested(callSid, 1);
    rig().simulator.setFault({ kind: 'status', status: 503 });
    await rig().untilRequested(callSid, 3);
    expect((await monitor.describe()).pendingPoll?.attempt).toBe(1);
    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    rig().simulator.setFault(undefined);
    return { monitor, result: await monitor.result() };
  });

  expect(result).toMatchObject({ status: 'success', polls: requestsOf(callSid) });
  expect(await countEvents(monitor, 'activityTaskScheduled')).toBe(1);
  expect(await countEvents(monitor, 'activityTaskFailed')).toBe(0);
});

test('Temporal retries errors before the first observation, which ends the retries', async () => {
  const callSid = 'OUT-held-late';
  rig().simulator.addCall(callSid, { ...FOR_EVER, faults: [{ kind: 'status', status: 500 }] });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await rig().untilRequested(callSid, 4);
    expect(await monitor.describe({ workerTimeoutMs: 30_000 })).toMatchObject({
      progress: { phase: 'holding', polls: 2 },
      pendingPoll: { attempt: 1 },
    });
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });
});

test('progress shows an unknown status at once', async () => {
  const callSid = 'OUT-held-unknown';
  rig().simulator.addCall(callSid, { statuses: [{ status: 'Ringing', forMs: Infinity }] });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    await eventually('the raw value', async () =>
      (await monitor.progress()).lastObservation?.rawStatus === 'Ringing' ? true : undefined,
    );
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });
});

test('the deadline ends a long poll, and the failure has its progress', async () => {
  const callSid = 'OUT-held-deadline';
  rig().simulator.addCall(callSid, FOR_EVER);

  const failure = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 }, deadline: '5s' });
    return monitorFailureOf(await monitor.result().catch((error: unknown) => error));
  });

  expect(failure).toMatchObject({
    type: 'MonitorDeadlineExceeded',
    details: { lastObservation: { status: 'calling' }, polls: requestsOf(callSid) },
  });
});

test('the next long poll begins after the interval, eleven events later', async () => {
  const callSid = 'OUT-held-again';
  rig().simulator.addCall(callSid, FOR_EVER);

  const { monitor, result } = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250, hold: '1s' } });
    await eventually('three holds', async () =>
      (await countEvents(monitor, 'activityTaskScheduled')) >= 3 ? true : undefined,
    );
    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    return { monitor, result: await monitor.result() };
  });

  const scheduledAt = await scheduleTimesMs(monitor);
  const holds = scheduledAt.length;
  const lengths = scheduledAt.slice(1).map((at, index) => at - scheduledAt[index]!);
  // It ends when its next poll would be late, from 0.5 s on, and the wait is 0.2 s at least.
  expect(Math.min(...lengths)).toBeGreaterThan(650);
  expect(result.polls).toBe(requestsOf(callSid));
  const report = EVENTS_OF_A_STATUS_REPORT + EVENTS_OF_THE_PATCH;
  expect((await eventsOf(monitor)).length).toBeLessThanOrEqual(EVENTS_OF_A_HELD_CALL * holds + report + 2);
});

test('worker shutdown ends its long polls, and another worker continues at once, without a failure', async () => {
  const callSid = 'OUT-held-deploy';
  rig().simulator.addCall(callSid, FOR_EVER);

  const monitor = await rig().whileWorking(async () => {
    // So long that the first worker polls once.
    const monitor = await rig().start({ callSid, polling: { interval: '5m' } });
    await eventually('the first observation', async () => (await monitor.progress()).lastObservation);
    return monitor;
  });
  const requestsOfTheFirst = requestsOf(callSid);
  expect(requestsOfTheFirst).toBe(1);
  rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
  const result = await rig().whileWorking(() => monitor.result());

  expect(result).toMatchObject({ status: 'success', polls: requestsOfTheFirst + 1 });
  expect(result.timeline.map(({ status }) => status)).toEqual(['calling', 'success']);
  expect(await countEvents(monitor, 'activityTaskFailed')).toBe(0);
  expect(await countEvents(monitor, 'activityTaskTimedOut')).toBe(0);
  const waits = (await eventsOf(monitor)).flatMap(({ timerStartedEventAttributes: timer }) => timer ?? []);
  expect(waits.map(({ startToFireTimeout }) => startToFireTimeout?.nanos)).toEqual([1_000_000]);
});

test('a status that a long poll has reported can be described without a worker', async () => {
  const callSid = 'OUT-held-looked-at';
  rig().simulator.addCall(callSid, { queuedMs: 500, callingMs: Infinity });

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250 } });
    const described = await eventually('the change', async () => {
      const seen = await monitor.describe({ workerTimeoutMs: 0 });
      return seen.callStatus === 'calling' ? seen : undefined;
    });
    expect(described.pendingPoll).toEqual({ attempt: 1 });
    await monitor.cancel();
    await monitor.result().catch(() => undefined);
  });
});
