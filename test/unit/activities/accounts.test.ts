import { ApplicationFailure, type Logger } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, test, vi } from 'vitest';

import { type ActivityDependencies, createActivities } from '../../../src/activities.js';
import { AccountLog } from '../../../src/activities/accounts.js';
import type { GetStatusInput, GetStatusResult } from '../../../src/contract/get-status.js';
import type { OutcomeRecord } from '../../../src/contract/outcome.js';
import type { OutcomeStore } from '../../../src/outcomes.js';

const callSid = 'OUT-1';
const logger = new DefaultLogger('ERROR');
const NEW = { startedAt: '2026-01-15T12:00:00.000Z', polls: 0, timeline: [] };
const ANSWERED = { ...NEW, polls: 3, answeredAt: '2026-01-15T12:00:09.000Z' };

const source = (status: string) => ({ getCallStatus: vi.fn(async () => ({ status, reason: '' })) });

function run(dependencies: ActivityDependencies, input: Partial<GetStatusInput>): Promise<GetStatusResult> {
  const { getStatus } = createActivities(dependencies);
  return new MockActivityEnvironment({}, { logger }).run(getStatus, { callSid, known: NEW, ...input });
}

async function failureOf(dependencies: ActivityDependencies, input: Partial<GetStatusInput>) {
  const error: unknown = await run(dependencies, input).catch((reason: unknown) => reason);
  if (error instanceof ApplicationFailure) return error;
  throw new Error(`expected an ApplicationFailure, got ${String(error)}`);
}

test('a monitor’s account is polled, and the default account when it names none', async () => {
  const polyAi = source('queued');
  const acme = source('calling');
  const dependencies = { polyAi, accounts: { acme } };
  expect((await run(dependencies, {})).observation?.status).toBe('queued');
  expect((await run(dependencies, { account: 'acme' })).observation?.status).toBe('calling');
  expect([polyAi, acme].map(({ getCallStatus }) => getCallStatus.mock.calls.length)).toEqual([1, 1]);
});

test('an account that the worker does not know is InvalidInput; the message names it and the accounts that it serves', async () => {
  const dependencies = { polyAi: source('queued'), accounts: { beta: source('queued'), acme: source('queued') } };
  for (const account of ['other', 'constructor', '__proto__', 'toString']) {
    expect(await failureOf(dependencies, { account })).toMatchObject({
      type: 'InvalidInput',
      nonRetryable: true,
      message: `account "${account}" is not known to this worker. It serves the default account, "acme", "beta".`,
      details: [{ polls: 0 }],
    });
  }
  expect(dependencies.polyAi.getCallStatus).not.toHaveBeenCalled();
});

test('without a default account a monitor must name one', async () => {
  const failure = await failureOf({ accounts: { acme: source('queued') } }, {});
  expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
  expect(failure.message).toBe('account must be given: this worker has no default account. It serves "acme".');
});

test.each<[string, Partial<GetStatusInput>, boolean]>([
  ['a new call', {}, true],
  ['a new call with a long poll', { hold: { forMs: 60_000, intervalMs: 3_000 } }, true],
  ['a call whose polls have all failed', { known: { ...NEW, polls: 2 } }, true],
  ['a call that was observed', { known: ANSWERED }, false],
  [
    'a long poll of a call whose status is known',
    { hold: { forMs: 60_000, intervalMs: 3_000, knownStatus: 'calling' } },
    false,
  ],
  ['a call whose monitor says nothing about it', { known: undefined }, false],
])('an unknown account for %s: %j, not retryable: %j', async (_call, input, nonRetryable) => {
  const failure = await failureOf({ accounts: { acme: source('queued') } }, { ...input, account: 'other' });
  expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable });
});

test('the failure details hold what an earlier attempt observed', async () => {
  const observation = { status: 'calling', rawStatus: 'calling', reason: '', observedAt: '2026-01-15T12:00:09.000Z' };
  const heartbeatDetails = {
    observation,
    changes: [{ status: 'calling', at: observation.observedAt }],
    polls: 4,
    errors: 1,
  };
  const { getStatus } = createActivities({ accounts: { acme: source('queued') } });
  const environment = new MockActivityEnvironment({ attempt: 2, heartbeatDetails }, { logger });
  await expect(environment.run(getStatus, { callSid, account: 'other', known: NEW })).rejects.toMatchObject({
    nonRetryable: false,
    details: [{ polls: 4, observation, changes: heartbeatDetails.changes }],
  });
});

test('activities without any account cannot be created', () => {
  expect(() => createActivities({})).toThrow(/polyAi, accounts or both/);
  expect(() => createActivities({ accounts: {} })).toThrow(TypeError);
});

test('a saved outcome names the account', async () => {
  const save = vi.fn(async (outcome: OutcomeRecord) => ({ ...outcome, savedAt: outcome.finishedAt }));
  const outcomes = { save } as unknown as OutcomeStore;
  await run({ polyAi: source('success'), accounts: { acme: source('success') }, outcomes }, { account: 'acme' });
  await run({ polyAi: source('success'), outcomes }, {});
  expect(save.mock.calls.map(([outcome]) => outcome.account)).toEqual(['acme', undefined]);
});

const REJECTION = { since: '2026-01-15T12:00:00.000Z', message: 'PolyAI answered 401' };
const THROTTLING = {
  requestsPerSecond: 20,
  cause: 'PolyAiUnavailable',
  message: 'PolyAI answered 503',
  since: '2026-01-15T12:00:00.000Z',
} as const;

function logUnderTest(account?: string) {
  const log = { info: vi.fn(), warn: vi.fn() };
  const accountLog = new AccountLog(account);
  const record = (state: Parameters<AccountLog['record']>[0]): void =>
    accountLog.record(state, log as unknown as Logger);
  return { log, record };
}

test('a rejected token is logged when the rejection begins and when it ends, however many calls notice it', () => {
  const { log, record } = logUnderTest();
  record({});
  for (let times = 0; times < 200; times += 1) record({ tokenRejection: { ...REJECTION, message: `again ${times}` } });
  for (let times = 0; times < 200; times += 1) record({});

  expect(log.warn.mock.calls).toEqual([
    [
      'PolyAI rejects the token: renew it; live calls are polled slowly meanwhile',
      { ...REJECTION, message: 'again 0' },
    ],
  ]);
  expect(log.info.mock.calls).toEqual([
    ['PolyAI accepts the token again: live calls are polled as before', { rejectedSince: REJECTION.since }],
  ]);

  record({ tokenRejection: { ...REJECTION, since: '2026-01-15T13:00:00.000Z' } });
  expect(log.warn).toHaveBeenCalledTimes(2);
});

test('throttling is logged when it begins and when it ends, however many calls notice it', () => {
  const { log, record } = logUnderTest();
  record({});
  expect([log.warn, log.info].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
  record({ throttling: THROTTLING });
  record({ throttling: { ...THROTTLING, requestsPerSecond: 0.5 } });
  record({});
  record({});

  expect(log.warn.mock.calls).toEqual([
    [
      expect.stringContaining('requests are throttled'),
      { cause: 'PolyAiUnavailable', message: 'PolyAI answered 503', requestsPerSecond: 20 },
    ],
  ]);
  expect(log.info).toHaveBeenCalledOnce();
});

test('each log line about a named account names it', () => {
  const { log, record } = logUnderTest('acme');
  record({ throttling: { ...THROTTLING, requestsPerSecond: 5 }, tokenRejection: REJECTION });
  expect(log.warn.mock.calls.map(([, attributes]) => attributes as object)).toEqual([
    { account: 'acme', cause: 'PolyAiUnavailable', message: 'PolyAI answered 503', requestsPerSecond: 5 },
    { account: 'acme', ...REJECTION },
  ]);
});
