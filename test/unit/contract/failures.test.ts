import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, ChildWorkflowFailure, RetryState, TimeoutFailure } from '@temporalio/common';
import { expect, test } from 'vitest';

import {
  FAILURE_TYPES,
  isFailureType,
  isRetryableFailureType,
  monitorFailureOf,
} from '../../../src/contract/failures.js';

/** Other people's code relies on these: repeated here on purpose. */
const DURABLE = [
  ['InvalidCallSid', false],
  ['Unauthorized', false],
  ['CallNotFound', false],
  ['CallStatusExpired', false],
  ['RequestRejected', false],
  ['RateLimited', true],
  ['PolyAiUnavailable', true],
  ['InvalidResponse', true],
  ['MonitorDeadlineExceeded', false],
  ['InvalidInput', false],
  ['OutcomeStoreUnavailable', true],
  ['InvalidActivityResult', false],
] as const;

test.each(DURABLE)('the failure type %s exists, retryable: %j', (type, retryable) => {
  expect(isFailureType(type)).toBe(true);
  expect(isRetryableFailureType(type)).toBe(retryable);
});

test('there are no other failure types', () => {
  expect(Object.keys(FAILURE_TYPES).sort()).toEqual(DURABLE.map(([type]) => type as string).sort());
});

test.each(['invalidcallsid', 'ActivityFailure', 'toString', '__proto__', '', undefined, null, 7])(
  '%j is not a failure type',
  (type) => {
    expect(isFailureType(type)).toBe(false);
  },
);

const details = { callSid: 'OUT-1', polls: 3, timeline: [] };

function failureOfType(type: string, ...rest: unknown[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`${type} happened`, type, ...rest);
}

test.each(Object.keys(FAILURE_TYPES))('finds %s inside what result() threw, with its details', (type) => {
  const error = new WorkflowFailedError('failed', failureOfType(type, details), RetryState.NON_RETRYABLE_FAILURE);
  expect(monitorFailureOf(error)).toEqual({ type, message: `${type} happened`, details });
});

test('finds the failure when it is the thrown error itself', () => {
  expect(monitorFailureOf(failureOfType('CallNotFound', details))).toMatchObject({ type: 'CallNotFound', details });
});

test('finds the failure of a monitor that ran as a child workflow', () => {
  const failure = failureOfType('CallStatusExpired', details);
  const execution = { workflowId: 'outbound-call-OUT-1', runId: 'run' };
  const child = new ChildWorkflowFailure(
    'default',
    execution,
    'monitorOutboundCall',
    RetryState.NON_RETRYABLE_FAILURE,
    failure,
  );
  expect(monitorFailureOf(child)).toEqual({ type: 'CallStatusExpired', message: failure.message, details });
});

test('finds the failure of a monitor inside the failure of its parent', () => {
  const execution = { workflowId: 'outbound-call-OUT-1', runId: 'run' };
  const cause = new ChildWorkflowFailure(
    'default',
    execution,
    'm',
    'NON_RETRYABLE_FAILURE',
    failureOfType('CallNotFound'),
  );
  const parent = new WorkflowFailedError('failed', cause, RetryState.NON_RETRYABLE_FAILURE);
  expect(monitorFailureOf(parent)).toMatchObject({ type: 'CallNotFound' });
});

test('finds nothing in an error that only resembles a failure', () => {
  expect(monitorFailureOf(Object.assign(new Error('no'), { type: 'CallNotFound' }))).toBeUndefined();
  expect(monitorFailureOf({ name: 'ApplicationFailure', type: 'CallNotFound', message: 'no' })).toBeUndefined();
});

test('a failure for invalid input has no details', () => {
  expect(monitorFailureOf(failureOfType('InvalidInput'))).toEqual({
    type: 'InvalidInput',
    message: 'InvalidInput happened',
  });
});

test.each([
  ['another application failure', failureOfType('SomethingElse', details)],
  ['an application failure without a type', ApplicationFailure.create({ message: 'no' })],
  [
    'a workflow that timed out',
    new WorkflowFailedError('timeout', new TimeoutFailure('t', undefined, 'START_TO_CLOSE'), 'TIMEOUT'),
  ],
  ['any error', new Error('CallNotFound')],
  ['no error', undefined],
  ['text', 'CallNotFound'],
])('finds nothing in %s', (_what, error) => {
  expect(monitorFailureOf(error)).toBeUndefined();
});
