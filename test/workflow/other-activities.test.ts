import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';

import { monitorFailureOf } from '../../src/workflows.js';
import { failureOf } from '../support/failure-of.js';
import { SwitchableStore } from '../support/switchable-store.js';
import { useTimeSkippingRig } from '../support/time-skipping-rig.js';

const rig = useTimeSkippingRig();

const SUCCESS = { queuedMs: 0, callingMs: 0 } as const;

test.each<[string, unknown]>([
  ['no result', undefined],
  ['a text', 'calling'],
  ['a status of its own', { status: 'calling' }],
  ['an observation of its own', { polls: 1, observation: { state: 'calling' } }],
])('a getStatus of the user that returns %s fails the monitor at once and is named', async (_what, result) => {
  rig().otherActivities = { getStatus: () => Promise.resolve(result) };

  const failure = await failureOf(rig().monitor({ callSid: 'OUT-other-get-status' }));

  expect(failure.type).toBe('InvalidActivityResult');
  expect(failure.message).toContain('getStatus');
  expect(failure.message).toContain('createActivities');
  expect(failure.message).toContain('task queue "time-skipping"');
  expect(rig().simulator.requests).toHaveLength(0);
});

test('the details of a failure of the user are not taken for those of getStatus', async () => {
  const details = { kind: 'observed', polls: null, observation: { status: 'success' }, outcomeStore: 'saved' };
  rig().otherActivities = {
    getStatus: () => Promise.reject(ApplicationFailure.create({ type: 'Unauthorized', details: [details] })),
  };

  const failure = await failureOf(rig().monitor({ callSid: 'OUT-other-details', deadline: '1s' }));

  expect(failure.type).toBe('Unauthorized');
  expect(failure.details?.[0]).toMatchObject({ polls: 1, timeline: [] });
  expect(failure.details?.[0]).not.toHaveProperty('lastObservation');
});

async function withSaveOutcome(saveOutcome: () => Promise<unknown>) {
  const store = await SwitchableStore.open();
  try {
    store.mode = 'away';
    rig().outcomes = store;
    rig().otherActivities = { saveOutcome };
    rig().addCall('OUT-other-save', SUCCESS);
    return await rig().monitor({ callSid: 'OUT-other-save' });
  } finally {
    await store.close();
  }
}

test('a saveOutcome that an operator fails does not cost the outcome that is known', async () => {
  const result = await withSaveOutcome(() =>
    Promise.reject(ApplicationFailure.nonRetryable('failed by an operator', 'ByOperator')),
  );

  expect(result).toMatchObject({ status: 'success' });
  expect(result).not.toHaveProperty('outcomeSaved');
});

test('a saveOutcome of the user does not count as a save', async () => {
  const result = await withSaveOutcome(() => Promise.resolve('stored somewhere'));

  expect(result).toMatchObject({ status: 'success' });
  expect(result).not.toHaveProperty('outcomeSaved');
});

test('a saveOutcome that an operator fails does not hide why the monitor failed', async () => {
  const store = await SwitchableStore.open();
  try {
    rig().outcomes = store;
    rig().otherActivities = {
      saveOutcome: () => Promise.reject(ApplicationFailure.nonRetryable('failed by an operator', 'ByOperator')),
    };
    const failure = await failureOf(rig().monitor({ callSid: 'OUT-never-was' }));
    expect(monitorFailureOf(failure)?.type ?? failure.type).toBe('CallNotFound');
  } finally {
    await store.close();
  }
});
