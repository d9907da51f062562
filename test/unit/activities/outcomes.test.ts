import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createActivities, PolyAiError } from '../../../src/activities.js';
import type { GetStatusInput, GetStatusResult } from '../../../src/contract/get-status.js';
import type { OutcomeRecord } from '../../../src/contract/outcome.js';
import { SAVE_OUTCOME_TIMEOUTS } from '../../../src/contract/pacing.js';
import { RecordingMeter } from '../../support/recording-meter.js';
import { SwitchableStore } from '../../support/switchable-store.js';

const logger = new DefaultLogger('ERROR');
const AT = '2026-01-15T12:00:00.000Z';
const execution = { workflowId: 'outbound-call-OUT-1', runId: 'run-1' };
const known = {
  startedAt: '2026-01-15T11:59:00.000Z',
  polls: 4,
  timeline: [{ status: 'queued', at: '2026-01-15T11:59:01.000Z' }],
};

let outcomes: SwitchableStore;
beforeEach(async () => {
  outcomes = await SwitchableStore.open();
});
afterEach(async () => {
  vi.useRealTimers();
  await outcomes.close();
});

function getStatus(answer: string | PolyAiError, input: Partial<GetStatusInput> = {}): Promise<GetStatusResult> {
  const getCallStatus = () =>
    typeof answer === 'string'
      ? Promise.resolve({ status: answer, reason: answer === 'failure' ? 'busy' : '' })
      : Promise.reject(answer);
  const activities = createActivities({ polyAi: { getCallStatus }, outcomes, now: () => Date.parse(AT) });
  const environment = new MockActivityEnvironment({ workflowExecution: execution }, { logger });
  return environment.run(activities.getStatus, { callSid: 'OUT-1', known, ...input });
}

function saveOutcome(
  outcome: OutcomeRecord,
  store: SwitchableStore | undefined,
  environment = new MockActivityEnvironment({}, { logger }),
) {
  const polyAi = { getCallStatus: () => Promise.reject(new Error('not asked')) };
  const activities = createActivities({ polyAi, outcomes: store });
  return environment.run(activities.saveOutcome, outcome);
}

async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (error instanceof ApplicationFailure) return error;
  throw new Error(`expected an ApplicationFailure, got ${String(error)}`);
}

const outcome: OutcomeRecord = {
  callSid: 'OUT-1',
  status: 'failure',
  reason: 'busy',
  lastObservation: { status: 'failure', rawStatus: 'failure', reason: 'busy', observedAt: AT },
  polls: 5,
  timeline: [...known.timeline, { status: 'failure', at: AT }],
  startedAt: known.startedAt,
  finishedAt: AT,
  ...execution,
};

test('the getStatus that observes a terminal status saves the outcome, with what the monitor knew before', async () => {
  expect(await getStatus('failure')).toMatchObject({ outcomeStore: 'saved', polls: 1 });
  const { savedAt, ...stored } = (await outcomes.get('OUT-1'))!;
  expect(stored).toEqual({ ...outcome, timeline: [...known.timeline, { status: 'failure', at: AT }] });
  expect(Date.parse(savedAt)).toBeGreaterThan(0);
});

test('a long poll saves the outcome too', async () => {
  expect(await getStatus('success', { hold: { forMs: 60_000, intervalMs: 3_000 } })).toMatchObject({
    outcomeStore: 'saved',
  });
  expect(await outcomes.get('OUT-1')).toMatchObject({ status: 'success', polls: 5 });
});

test('the status of a call in progress is not saved, but the result says that there is a store', async () => {
  expect(await getStatus('calling')).toMatchObject({ outcomeStore: 'on' });
  expect(outcomes.saves).toHaveLength(0);
});

test('nothing is saved for a monitor of an earlier version, which sends no `known`', async () => {
  expect(await getStatus('success', { known: undefined })).toMatchObject({ outcomeStore: 'on' });
  expect(outcomes.saves).toHaveLength(0);
});

test('while the store is unavailable the monitor still gets the result, which says that nothing is saved', async () => {
  outcomes.mode = 'away';
  expect(await getStatus('success')).toMatchObject({ outcomeStore: 'on', observation: { status: 'success' } });
});

test('a store that does not answer delays the result by 3 s', async () => {
  vi.useFakeTimers();
  outcomes.mode = 'silent';
  const result = getStatus('success');
  const early = vi.fn();
  void result.then(early);
  await vi.advanceTimersByTimeAsync(2_999);
  expect(early).not.toHaveBeenCalled();
  expect(outcomes.signal?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await result).toMatchObject({ outcomeStore: 'on' });
  expect(outcomes.signal).toMatchObject({ aborted: true, reason: { message: 'no answer within 3 s' } });
});

const notFound = new PolyAiError('PolyAI answered 404', { kind: 'CallNotFound', httpStatus: 404 });

test('the status of a call that has expired comes from the store', async () => {
  await outcomes.save(outcome);
  expect(await getStatus(notFound)).toEqual({
    observation: outcome.lastObservation,
    changes: outcome.timeline,
    polls: 1,
    outcomeStore: 'saved',
  });
});

test('a read that takes too long is given up, and the store is told', async () => {
  vi.useFakeTimers();
  outcomes.mode = 'silent';
  const failure = failureOf(getStatus(notFound));
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await failure).toMatchObject({ type: 'OutcomeStoreUnavailable' });
  expect(outcomes.signal?.aborted).toBe(true);
});

test('a call that neither the API nor the store knows is CallNotFound, and the failure says that there is a store', async () => {
  const failure = await failureOf(getStatus(notFound));
  expect(failure).toMatchObject({ type: 'CallNotFound', nonRetryable: true });
  expect(failure.details).toEqual([expect.objectContaining({ outcomeStore: 'on' })]);
});

test('an outcome without a terminal status does not count as the status of the call', async () => {
  const { status: _, lastObservation: __, ...rest } = outcome;
  await outcomes.save({ ...rest, ending: { type: 'MonitorDeadlineExceeded', message: 'too late' } });
  expect(await failureOf(getStatus(notFound))).toMatchObject({ type: 'CallNotFound' });
});

test('while the store is unavailable a 404 is not yet CallNotFound', async () => {
  outcomes.mode = 'away';
  const failure = await failureOf(getStatus(notFound));
  expect(failure).toMatchObject({ type: 'OutcomeStoreUnavailable', nonRetryable: false });
  // So that the monitor calls saveOutcome, even if this getStatus never succeeds.
  expect(failure.details).toEqual([expect.objectContaining({ polls: 1, outcomeStore: 'on' })]);
});

test('the failure for an unknown account says that there is a store', async () => {
  const failure = await failureOf(getStatus('success', { account: 'gamma' }));
  expect(failure.type).toBe('InvalidInput');
  expect(failure.details).toEqual([expect.objectContaining({ outcomeStore: 'on' })]);
});

test('saveOutcome is idempotent', async () => {
  expect(await saveOutcome(outcome, outcomes)).toEqual({ isSaved: true });
  expect(await saveOutcome(outcome, outcomes)).toEqual({ isSaved: true });
  expect(await outcomes.get('OUT-1')).toMatchObject(outcome);
});

test('an outcome that is saved without a terminal status is counted, and only once it is saved', async () => {
  const recording = new RecordingMeter();
  const environment = () => new MockActivityEnvironment({}, { logger, metricMeter: recording.meter });
  const { status: _, lastObservation: __, ...rest } = outcome;
  const expired = {
    ...rest,
    account: 'acme',
    ending: { type: 'CallStatusExpired', message: 'too late', at: AT },
  } as const;

  await saveOutcome(outcome, outcomes, environment());
  outcomes.mode = 'away';
  await failureOf(saveOutcome(expired, outcomes, environment()));
  expect(recording.valuesOf('polyai_outcomes')).toEqual({});
  outcomes.mode = 'there';
  await saveOutcome(expired, outcomes, environment());

  expect(recording.valuesOf('polyai_outcomes')).toEqual({ '{account="acme",status="none"}': 1 });
});

test('saveOutcome is retried while the store is unavailable', async () => {
  outcomes.mode = 'away';
  expect(await failureOf(saveOutcome(outcome, outcomes))).toMatchObject({
    type: 'OutcomeStoreUnavailable',
    nonRetryable: false,
  });
});

test('saveOutcome does not wait for a store that never answers, so that its activity slot becomes free', async () => {
  vi.useFakeTimers();
  outcomes.mode = 'silent';
  const failure = failureOf(saveOutcome(outcome, outcomes));
  await vi.advanceTimersByTimeAsync(SAVE_OUTCOME_TIMEOUTS.storeMs);
  expect(await failure).toMatchObject({ type: 'OutcomeStoreUnavailable', nonRetryable: false });
  expect(outcomes.signal).toMatchObject({ aborted: true, reason: { message: 'no answer within 12 s' } });
});

test('a store that never answers delays the shutdown of the worker by 2 s', async () => {
  vi.useFakeTimers();
  outcomes.mode = 'silent';
  const environment = new MockActivityEnvironment({}, { logger });
  const failure = failureOf(saveOutcome(outcome, outcomes, environment));
  await vi.advanceTimersByTimeAsync(1_000);
  environment.cancel('WORKER_SHUTDOWN');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await failure).toMatchObject({ type: 'OutcomeStoreUnavailable', nonRetryable: false });
  expect(outcomes.signal).toMatchObject({ aborted: true, reason: { message: 'no answer within 2 s' } });
});

test('a save that is under way when its worker shuts down completes', async () => {
  const environment = new MockActivityEnvironment({}, { logger });
  const saving = saveOutcome(outcome, outcomes, environment);
  environment.cancel('WORKER_SHUTDOWN');
  expect(await saving).toEqual({ isSaved: true });
});

test('saveOutcome returns isSaved: false without an outcome store', async () => {
  expect(await saveOutcome(outcome, undefined)).toEqual({ isSaved: false });
});
