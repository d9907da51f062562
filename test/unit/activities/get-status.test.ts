import { CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { createActivities, MAX_RETRY_AFTER_MS, PolyAiClient } from '../../../src/activities.js';
import type { GetStatusResult } from '../../../src/contract/get-status.js';
import { type Fault, type Simulator, startSimulator } from '../../../src/simulator.js';
import { waitFor } from '../../support/wait-for.js';

const TOKEN = 'tok-5f0c9a';
/** These tests make polls fail on purpose: no warning for each. */
const logger = new DefaultLogger('ERROR');
const NOW = Date.UTC(2026, 0, 15, 12);
const callSid = 'OUT-1';

let simulator: Simulator;
let polyAi: PolyAiClient;

beforeEach(async () => {
  simulator = await startSimulator({ token: TOKEN });
  polyAi = new PolyAiClient({ baseUrl: simulator.url, token: TOKEN, requestTimeoutMs: 2_000 });
});

afterEach(async () => {
  await polyAi.close();
  await simulator.close();
});

interface Attempt {
  readonly attempt?: number;
  readonly searchAttributes?: boolean;
  readonly environment?: MockActivityEnvironment;
  readonly now?: (() => number) | undefined;
}

function runGetStatus(options: Attempt = {}): Promise<GetStatusResult> {
  const { attempt = 1, searchAttributes = false, environment, now } = { now: () => NOW, ...options };
  const { getStatus } = createActivities({ polyAi, searchAttributes, now });
  const env = environment ?? new MockActivityEnvironment({ attempt }, { logger });
  return env.run(getStatus, { callSid });
}

async function failureWith(fault: Fault, attempt = 1): Promise<ApplicationFailure> {
  simulator.addCall(callSid, { faults: [fault] });
  const error: unknown = await runGetStatus({ attempt }).catch((reason: unknown) => reason);
  if (error instanceof ApplicationFailure) return error;
  throw new Error(`expected an ApplicationFailure, got ${String(error)}`);
}

test('returns one observation: the status in lower case and as the API wrote it, its reason and when it arrived', async () => {
  simulator.addCall(callSid, { queuedMs: 0, callingMs: 0, outcome: 'failure', reason: 'busy', upperCase: true });
  expect(await runGetStatus()).toEqual({
    observation: { status: 'failure', rawStatus: 'FAILURE', reason: 'busy', observedAt: '2026-01-15T12:00:00.000Z' },
    polls: 1,
  });
  expect(simulator.requestsFor(callSid)).toHaveLength(1);
});

test('counts earlier attempts as polls', async () => {
  simulator.addCall(callSid);
  expect((await runGetStatus({ attempt: 5 })).polls).toBe(5);
  expect((await failureWith({ kind: 'status', status: 500 }, 7)).details?.[0]).toMatchObject({ polls: 7 });
});

test.each<[string, unknown]>([
  ['of an activity of the user', { page: 7 }],
  ['without a number of polls', { polls: null, changes: [], errors: 0 }],
])('does not resume from heartbeat details %s', async (_whose, heartbeatDetails) => {
  simulator.addCall(callSid);
  const environment = new MockActivityEnvironment({ attempt: 3, heartbeatDetails }, { logger });
  expect((await runGetStatus({ environment })).polls).toBe(3);
});

test('says that the namespace has the search attribute only when it is configured', async () => {
  simulator.addCall(callSid);
  expect(await runGetStatus({ searchAttributes: true })).toHaveProperty('searchAttributes', true);
  expect(await runGetStatus()).not.toHaveProperty('searchAttributes');
});

test('uses the real clock by default', async () => {
  simulator.addCall(callSid);
  const before = Date.now();
  const { observation } = await runGetStatus({ now: undefined });
  expect(Date.parse(observation!.observedAt)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(observation!.observedAt)).toBeLessThanOrEqual(Date.now());
});

test.each<[Fault, string, boolean]>([
  [{ kind: 'status', status: 400 }, 'InvalidCallSid', true],
  [{ kind: 'status', status: 401 }, 'Unauthorized', true],
  [{ kind: 'status', status: 403 }, 'Unauthorized', true],
  [{ kind: 'status', status: 404 }, 'CallNotFound', true],
  [{ kind: 'status', status: 422 }, 'RequestRejected', true],
  [{ kind: 'redirect', location: 'http://127.0.0.1:9/' }, 'RequestRejected', true],
  [{ kind: 'status', status: 408 }, 'PolyAiUnavailable', false],
  [{ kind: 'status', status: 429 }, 'RateLimited', false],
  [{ kind: 'status', status: 500 }, 'PolyAiUnavailable', false],
  [{ kind: 'status', status: 502 }, 'PolyAiUnavailable', false],
  [{ kind: 'reset' }, 'PolyAiUnavailable', false],
  [{ kind: 'cut-off' }, 'PolyAiUnavailable', false],
  [{ kind: 'malformed' }, 'InvalidResponse', false],
  [{ kind: 'body', body: { state: 'queued' } }, 'InvalidResponse', false],
  [{ kind: 'oversized' }, 'InvalidResponse', false],
])('%j becomes the failure %s, not retryable: %j, after one request', async (fault, type, nonRetryable) => {
  expect(await failureWith(fault)).toMatchObject({ type, nonRetryable, nextRetryDelay: undefined });
  expect(simulator.requestsFor(callSid)).toHaveLength(1);
});

test.each<[Fault, number, number]>([
  [{ kind: 'status', status: 429, retryAfter: 45 }, 45_000, 45_000],
  [{ kind: 'status', status: 503, retryAfter: { httpDateInMs: 90_000 } }, 87_000, 90_000],
  [{ kind: 'status', status: 500, retryAfter: 300 }, 300_000, 300_000],
  [{ kind: 'status', status: 429, retryAfter: 301 }, MAX_RETRY_AFTER_MS, MAX_RETRY_AFTER_MS],
  [{ kind: 'status', status: 429, retryAfter: Number.MAX_SAFE_INTEGER }, MAX_RETRY_AFTER_MS, MAX_RETRY_AFTER_MS],
])('%j sets the delay of the next retry from %d to %d ms', async (fault, atLeast, atMost) => {
  const { nextRetryDelay } = await failureWith(fault);
  expect(nextRetryDelay).toBeGreaterThanOrEqual(atLeast);
  expect(nextRetryDelay).toBeLessThanOrEqual(atMost);
});

test.each<Fault>([
  { kind: 'status', status: 429, retryAfter: 0 },
  { kind: 'status', status: 503, retryAfter: { httpDateInMs: -60_000 } },
  { kind: 'status', status: 503, retryAfter: -5 },
  { kind: 'status', status: 404, retryAfter: 60 },
])('%j leaves the next retry to the retry policy', async (fault) => {
  expect((await failureWith(fault)).nextRetryDelay).toBeUndefined();
});

test('a failure has the HTTP status, the error code and the correlation ID, for a question to the support of PolyAI', async () => {
  const failure = await failureWith({ kind: 'status', status: 500, body: { error: 'storage', code: 'E42' } }, 2);
  const correlationId = simulator.requestsFor(callSid)[0]?.correlationId;
  expect(failure.message).toContain('storage');
  expect(failure.details).toEqual([{ polls: 2, httpStatus: 500, errorCode: 'E42', correlationId }]);
});

test.each<Fault>([
  { kind: 'status', status: 401, body: { error: `bad token ${TOKEN}`, code: TOKEN } },
  { kind: 'body', body: { status: [TOKEN], [TOKEN]: 1 } },
  { kind: 'reset' },
])('after %j neither the token nor a cause that came near it is in the failure', async (fault) => {
  const failure = await failureWith(fault);
  expect(JSON.stringify({ ...failure, message: failure.message, stack: failure.stack })).not.toContain(TOKEN);
  expect(failure.cause).toBeUndefined();
});

test('a cancellation aborts a hanging request at once, and the activity rejects with it', async () => {
  simulator.addCall(callSid, { faults: [{ kind: 'hang' }] });
  const environment = new MockActivityEnvironment({}, { logger });
  const running = runGetStatus({ environment });
  running.catch(() => undefined);
  await waitFor(() => expect(simulator.requestsFor(callSid)[0]?.status).toBe('pending'));

  environment.cancel();

  // The timeout of the request would be another failure.
  await expect(running).rejects.toBeInstanceOf(CancelledFailure);
  await waitFor(() => expect(simulator.requestsFor(callSid)[0]?.status).toBe('dropped'));
});

test('a hanging request heartbeats every second until it times out, and not after', async () => {
  // undici keeps the timer of its clock from the first request on: it must not be one of this test's clock.
  simulator.addCall(callSid);
  await runGetStatus();
  simulator.addCall(callSid, { faults: [{ kind: 'hang' }] });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const environment = new MockActivityEnvironment({}, { logger });
  let heartbeats = 0;
  environment.on('heartbeat', () => (heartbeats += 1));
  const failure = expect(runGetStatus({ environment })).rejects.toMatchObject({ type: 'PolyAiUnavailable' });

  await vi.advanceTimersByTimeAsync(1_999);
  expect(heartbeats).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  await failure;
  const atTheEnd = heartbeats;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heartbeats).toBe(atTheEnd);
});

test('an error that is not a PolyAiError is rethrown unchanged', async () => {
  const bug = new TypeError('bug');
  const { getStatus } = createActivities({ polyAi: { getCallStatus: () => Promise.reject(bug) } });
  await expect(new MockActivityEnvironment({}, { logger }).run(getStatus, { callSid })).rejects.toBe(bug);
});
