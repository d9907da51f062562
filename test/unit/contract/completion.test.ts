import { WorkflowFailedError } from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  RetryState,
  TerminatedFailure,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import { expect, test } from 'vitest';

import { createActivities } from '../../../src/activities.js';
import { completionFailureOf, MONITOR_ENDED_FAILURE_TYPE } from '../../../src/contract/completion.js';
import { isFailureType } from '../../../src/contract/failures.js';
import { CALL_ENDED_SIGNAL_NAME, NOTIFY_WHEN_ENDED_SIGNAL_NAME } from '../../../src/contract/names.js';
import { callEndedSignal, notifyWhenEndedSignal } from '../../../src/workflows/messages.js';

const { NON_RETRYABLE_FAILURE } = RetryState;
const details = [{ callSid: 'OUT-1', polls: 3 }];

/** The errors that a parent workflow and a client get for a failure of the monitor. */
function errorsFor(cause: Error): Error[] {
  return [
    new ChildWorkflowFailure(
      undefined,
      { workflowId: 'w', runId: 'r' },
      'monitorOutboundCall',
      NON_RETRYABLE_FAILURE,
      cause,
    ),
    new WorkflowFailedError('Workflow execution failed', cause, NON_RETRYABLE_FAILURE),
  ];
}

// Literals on purpose: a change here breaks saved histories and other people's code.
test('the durable names have not changed', () => {
  expect(NOTIFY_WHEN_ENDED_SIGNAL_NAME).toBe('notifyWhenEnded');
  expect(notifyWhenEndedSignal.name).toBe('notifyWhenEnded');
  expect(CALL_ENDED_SIGNAL_NAME).toBe('polyAiCallEnded');
  expect(callEndedSignal.name).toBe('polyAiCallEnded');
  expect(MONITOR_ENDED_FAILURE_TYPE).toBe('MonitorEnded');
  const polyAi = { getCallStatus: () => Promise.reject(new Error('not called')) };
  expect(Object.keys(createActivities({ polyAi }))).toContain('readMonitor');
});

test('a failure of the monitor is the same for itself, a parent and a client', () => {
  const failure = ApplicationFailure.nonRetryable('forgotten', 'CallStatusExpired', ...details);

  for (const error of [failure, ...errorsFor(failure)]) {
    expect(completionFailureOf('OUT-1', error)).toEqual({ type: 'CallStatusExpired', message: 'forgotten', details });
  }
});

test.each<[string, string, Error]>([
  ['CANCELLED', 'was cancelled', new CancelledFailure('cancelled by Alice')],
  ['TERMINATED', 'was terminated', new TerminatedFailure('because Alice said so')],
  ['TIMED_OUT', 'timed out', new TimeoutFailure('Workflow execution timed out', undefined, TimeoutType.START_TO_CLOSE)],
])(
  'a monitor that was stopped from outside is MonitorEnded, with the same message for every caller: %s',
  (state, happened, cause) => {
    for (const error of [cause, ...errorsFor(cause)]) {
      expect(completionFailureOf('OUT-1', error)).toEqual({
        type: 'MonitorEnded',
        message: `the monitor ${happened} without a result`,
        details: [{ callSid: 'OUT-1', state }],
      });
    }
  },
);

test('a cancellation that reached the monitor through its activity is a cancellation', () => {
  const error = new ActivityFailure(
    undefined,
    'getStatus',
    '1',
    RetryState.CANCEL_REQUESTED,
    undefined,
    new CancelledFailure('x'),
  );

  expect(completionFailureOf('OUT-1', error)).toMatchObject({ details: [{ state: 'CANCELLED' }] });
});

test.each([new Error('odd'), undefined, 'text'])('any other error is MonitorEnded too: %s', (error) => {
  expect(completionFailureOf('OUT-1', error)).toEqual({
    type: 'MonitorEnded',
    message: 'the monitor ended without a result',
    details: [{ callSid: 'OUT-1' }],
  });
});

test('MonitorEnded is not a failure type that a monitor raises', () => {
  expect(isFailureType(MONITOR_ENDED_FAILURE_TYPE)).toBe(false);
});
