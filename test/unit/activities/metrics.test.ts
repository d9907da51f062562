import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { createActivities, type OutcomeStore, PolyAiClient, PolyAiError } from '../../../src/activities.js';
import type { GetStatusInput } from '../../../src/contract/get-status.js';
import { type CallScript, type Fault, type Simulator, startSimulator } from '../../../src/simulator.js';
import { MINUTE, startLongPoll, unavailable } from '../../support/long-poll-rig.js';
import { RecordingMeter } from '../../support/recording-meter.js';

const logger = new DefaultLogger('ERROR');
const callSid = 'OUT-1';

let simulator: Simulator;
let polyAi: PolyAiClient;

beforeEach(async () => {
  simulator = await startSimulator();
  polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token, requestTimeoutMs: 2_000 });
});
afterEach(async () => {
  await polyAi.close();
  await simulator.close();
});

/** Runs `getStatus` once for a call, and gives what it has measured. */
async function measured(
  script: CallScript,
  { outcomes, ...input }: Partial<GetStatusInput> & { readonly outcomes?: Partial<OutcomeStore> } = {},
): Promise<RecordingMeter> {
  simulator.addCall(callSid, script);
  const recording = new RecordingMeter();
  const { getStatus } = createActivities({ polyAi, accounts: { acme: polyAi }, outcomes: outcomes as OutcomeStore });
  const environment = new MockActivityEnvironment(undefined, { logger, metricMeter: recording.meter });
  await environment.run(getStatus, { callSid, ...input }).catch(() => undefined);
  return recording;
}

test.each<[Fault, string]>([
  [{ kind: 'status', status: 400 }, 'rejected'],
  [{ kind: 'status', status: 401 }, 'unauthorized'],
  [{ kind: 'status', status: 404 }, 'not-found'],
  [{ kind: 'status', status: 429 }, 'rate-limited'],
  [{ kind: 'status', status: 503 }, 'unavailable'],
  [{ kind: 'reset' }, 'unavailable'],
  [{ kind: 'malformed' }, 'invalid-response'],
])('a request with %j counts as %s, with its latency', async (fault, answer) => {
  const recording = await measured({ faults: [fault] }, { account: 'acme' });

  expect(recording.valuesOf('polyai_status_requests')).toEqual({ [`{account="acme",answer="${answer}"}`]: 1 });
  expect(recording.valuesOf('polyai_status_request_latency')).toEqual({ '{account="acme"}': 1 });
  expect(recording.valuesOf('polyai_outcomes')).toEqual({});
});

test('each poll of a long poll counts, with instruments that are made once', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const recording = new RecordingMeter();
  const { api, ended } = startLongPoll(['queued', unavailable(), 'calling', 'success'], {
    metricMeter: recording.meter,
  });
  await vi.advanceTimersByTimeAsync(MINUTE);
  await ended;

  expect(api.polledAtMs).toHaveLength(4);
  expect(recording.valuesOf('polyai_status_requests')).toEqual({
    '{account="default",answer="ok"}': 3,
    '{account="default",answer="unavailable"}': 1,
  });
  expect(recording.valuesOf('polyai_outcomes')).toEqual({ '{account="default",status="success"}': 1 });
  expect(recording.created).toHaveLength(new Set(recording.created).size);
});

test('a request that was never sent is not counted', async () => {
  const notSent = new PolyAiError('not sent', { kind: 'RateLimited', notSent: true });
  vi.spyOn(polyAi, 'getCallStatus').mockRejectedValue(notSent);
  const recording = await measured({});

  expect(recording.valuesOf('polyai_status_requests')).toEqual({});
  expect(recording.valuesOf('polyai_status_request_latency')).toEqual({});
});

test.each([
  ['ok', () => Promise.resolve({} as never)],
  ['failed', () => Promise.reject(new Error('the disk is full'))],
])('an outcome and its save are counted: %s', async (result, save) => {
  const known = { startedAt: '2026-01-15T12:00:00.000Z', polls: 1, timeline: [] };
  const recording = await measured({ statuses: [{ status: 'failure' }] }, { known, outcomes: { save } });

  expect(recording.valuesOf('polyai_outcomes')).toEqual({ '{account="default",status="failure"}': 1 });
  expect(recording.valuesOf('polyai_outcome_saves')).toEqual({ [`{account="default",result="${result}"}`]: 1 });
});

test('a call is as old for the gauges as the monitor says', async () => {
  const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
  const known = { startedAt: minutesAgo(90), answeredAt: minutesAgo(31), polls: 9, timeline: [] };
  const recording = await measured({ faults: [{ kind: 'status', status: 500 }] }, { known });

  expect(recording.value('polyai_calls_at_risk{account="default"}')).toBe(1);
  expect(recording.value('polyai_outcome_safe_seconds{account="default"}')).toBeCloseTo(89 * 60, -2);
  expect(recording.value('polyai_unobserved_call_age_seconds{account="default"}')).toBe(0);
});

test('no metric has a call SID in its labels', async () => {
  const recording = await measured({ faults: [{ kind: 'status', status: 500 }] });
  const labels = recording.created.flatMap((name) => Object.keys(recording.valuesOf(name)));
  expect(labels.length).toBeGreaterThan(5);
  expect(labels.filter((text) => text.includes(callSid))).toEqual([]);
});
