import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, test, vi } from 'vitest';

import { type ActivityDependencies, createActivities } from '../../../src/activities.js';
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

test('a monitor’s account is asked, and the default account where it names none', async () => {
  const polyAi = source('queued');
  const acme = source('calling');
  const dependencies = { polyAi, accounts: { acme } };
  expect((await run(dependencies, {})).observation?.status).toBe('queued');
  expect((await run(dependencies, { account: 'acme' })).observation?.status).toBe('calling');
  expect([polyAi, acme].map(({ getCallStatus }) => getCallStatus.mock.calls.length)).toEqual([1, 1]);
});

test('an account that the worker does not know is InvalidInput, with its name and those that there are', async () => {
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
  ['a new call that is to be held', { hold: { forMs: 60_000, intervalMs: 3_000 } }, true],
  ['a call that was polled in vain', { known: { ...NEW, polls: 2 } }, true],
  ['a call that has had an answer', { known: ANSWERED }, false],
  ['a held call whose status is known', { hold: { forMs: 60_000, intervalMs: 3_000, knownStatus: 'calling' } }, false],
  ['a call of which the monitor tells nothing', { known: undefined }, false],
])('for %s that is final: %j %j', async (_call, input, nonRetryable) => {
  const failure = await failureOf({ accounts: { acme: source('queued') } }, { ...input, account: 'other' });
  expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable });
});

test('what an earlier attempt has seen goes with the failure', async () => {
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

test('activities without any account cannot be made', () => {
  expect(() => createActivities({})).toThrow(/polyAi, accounts or both/);
  expect(() => createActivities({ accounts: {} })).toThrow(TypeError);
});

test('an outcome that is saved names the account', async () => {
  const save = vi.fn(async (outcome: OutcomeRecord) => ({ ...outcome, savedAt: outcome.finishedAt }));
  const outcomes = { save } as unknown as OutcomeStore;
  await run({ polyAi: source('success'), accounts: { acme: source('success') }, outcomes }, { account: 'acme' });
  await run({ polyAi: source('success'), outcomes }, {});
  expect(save.mock.calls.map(([outcome]) => outcome.account)).toEqual(['acme', undefined]);
});
