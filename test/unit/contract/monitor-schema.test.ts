import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { CancelledFailure } from '@temporalio/common';
import shipped from '../../../src/contract/monitor.schema.json' with { type: 'json' };
import { completionFailureOf } from '../../../src/contract/completion.js';
import { FAILURE_TYPES } from '../../../src/contract/failures.js';
import type { MonitorPhase } from '../../../src/contract/monitor.js';
import { parseMonitorInput } from '../../../src/workflows/monitor-input.js';
import { applyPoll, failureDetailsOf, initialMonitorState, progressOf } from '../../../src/workflows/monitor-state.js';
import { type Message, messageValidator } from '../../support/monitor-messages.js';
import { monitorHistories, type RecordedRun, subscriberHistories } from '../../support/recorded-histories.js';
import { anyPollResult, observed, START } from '../workflows/poll-results.js';

/** The schema that ships, against values that the code and earlier versions made. */

interface Schema {
  readonly $defs: Readonly<
    Record<string, { readonly enum?: readonly string[]; readonly required?: readonly string[] }>
  >;
}

const schema = shipped as Schema;
const isValid = messageValidator(schema);

test('the schema lists every failure type', () => {
  expect(schema.$defs['FailureType']?.enum?.toSorted()).toEqual(Object.keys(FAILURE_TYPES).sort());
});

const callSid = 'OUT-1';

describe('the input', () => {
  const duration = fc.constantFrom<unknown>(
    0,
    3_000,
    '3s',
    '90 S',
    ' 1.5 Hours ',
    '10 minutes',
    null,
    undefined,
    '3',
    -1,
    {},
  );
  const anyInput = fc.record(
    {
      callSid: fc.constantFrom<unknown>(callSid, `OUT-${'x'.repeat(124)}`, `OUT-${'x'.repeat(125)}`, 'CA-1', null),
      account: fc.constantFrom<unknown>('acme-2_x.Y', 'x'.repeat(64), 'x'.repeat(65), 'two words', null),
      polling: fc.oneof(fc.constantFrom<unknown>(null, '3s'), fc.record({ interval: duration, hold: duration })),
      deadline: duration,
      notFoundGrace: duration,
      later: fc.boolean(),
    },
    { requiredKeys: ['callSid'] },
  );

  test('is valid wherever the monitor accepts it', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        fc.pre(!('type' in parseMonitorInput(input)));
        expect([input, isValid('MonitorOutboundCallInput', input)]).toEqual([input, true]);
      }),
    );
  });

  test.each([
    [null],
    ['OUT-1'],
    [{}],
    [{ callSid: 7 }],
    [{ callSid: 'CA-1' }],
    [{ callSid: `OUT-${'x'.repeat(125)}` }],
    [{ callSid, account: 'two words' }],
    [{ callSid, polling: '3s' }],
    [{ callSid, polling: { interval: '3' } }],
    [{ callSid, polling: { hold: true } }],
    [{ callSid, deadline: -1 }],
    [{ callSid, deadline: {} }],
    [{ callSid, notFoundGrace: 'soon' }],
  ])('%j is refused, as the monitor refuses it', (input) => {
    expect(parseMonitorInput(input)).toHaveProperty('type');
    expect(isValid('MonitorOutboundCallInput', input)).toBe(false);
  });
});

test('progress and failure details are valid after any polls, in any phase', () => {
  const phases = schema.$defs['MonitorPhase']?.enum as MonitorPhase[];
  fc.assert(
    fc.property(fc.array(anyPollResult, { maxLength: 20 }), fc.constantFrom(...phases), (polls, phase) => {
      const state = polls.reduce(
        (before, poll, index) => applyPoll(before, poll, START + index * 1_800_000),
        initialMonitorState(START, 60_000),
      );
      expect(isValid('MonitorProgress', progressOf(callSid, phase, state))).toBe(true);
      expect(isValid('MonitorFailureDetails', failureDetailsOf(callSid, state))).toBe(true);
    }),
  );
});

const at = new Date(START).toISOString();
const state = applyPoll(initialMonitorState(START, 60_000), observed('calling'), START);
const SAMPLES: Readonly<Record<string, object>> = {
  MonitorOutboundCallResult: { callSid, status: 'failure', reason: 'busy', polls: 1, timeline: [], finishedAt: at },
  MonitorProgress: progressOf(callSid, 'holding', state),
  MonitorFailureDetails: failureDetailsOf(callSid, state),
};

describe.each(Object.entries(SAMPLES))('%s', (type, sample) => {
  test('may have fields that a later version adds', () => {
    expect(isValid(type, { ...sample, later: 1 })).toBe(true);
  });

  test.each(schema.$defs[type]?.required ?? [])('needs %s, of its type', (field) => {
    expect(isValid(type, { ...sample, [field]: undefined })).toBe(false);
    expect(isValid(type, { ...sample, [field]: true })).toBe(false);
  });

  test.each([
    [{ polls: 1.5 }],
    [{ timeline: [{ status: 'queued' }] }],
    [{ timeline: [{ status: 'queued', at: 'noon' }] }],
  ])('refuses %j', (broken) => {
    expect(isValid(type, { ...sample, ...broken })).toBe(false);
  });
});

test('a result has a terminal status, and progress a phase of the list', () => {
  expect(isValid('MonitorOutboundCallResult', { ...SAMPLES['MonitorOutboundCallResult'], status: 'calling' })).toBe(
    false,
  );
  expect(isValid('MonitorProgress', { ...SAMPLES['MonitorProgress'], phase: 'dreaming' })).toBe(false);
});

test('a completion signal has either a result or a failure', () => {
  const result = SAMPLES['MonitorOutboundCallResult'];
  const failure = completionFailureOf(callSid, new CancelledFailure('cancelled'));

  expect(isValid('CompletionSignal', { callSid, result })).toBe(true);
  expect(isValid('CompletionSignal', { callSid, failure })).toBe(true);
  expect(isValid('CompletionSignal', { callSid })).toBe(false);
  expect(isValid('CompletionSignal', { callSid, result, failure })).toBe(false);
  expect(isValid('CompletionSignal', { callSid, failure: { message: 'no type' } })).toBe(false);
});

test('a subscription names a workflow', () => {
  expect(isValid('NotifyWhenEndedInput', { workflowId: 'asker' })).toBe(true);
  for (const nonsense of [null, 'asker', {}, { workflowId: 7 }]) {
    expect(isValid('NotifyWhenEndedInput', nonsense)).toBe(false);
  }
});

interface Payloads {
  readonly payloads?: readonly { readonly data: string }[];
}

/** The attributes that a saved event may have; here are those that carry a message of a monitor. */
interface SavedEvent {
  readonly workflowExecutionStartedEventAttributes?: { readonly input?: Payloads };
  readonly workflowExecutionCompletedEventAttributes?: { readonly result?: Payloads };
  readonly workflowExecutionFailedEventAttributes?: {
    readonly failure: { readonly applicationFailureInfo?: { readonly type: string; readonly details?: Payloads } };
  };
  readonly workflowExecutionSignaledEventAttributes?: { readonly signalName: string; readonly input?: Payloads };
}

function firstOf(payloads: Payloads | undefined): unknown {
  const data = payloads?.payloads?.[0]?.data;
  return data && (JSON.parse(Buffer.from(data, 'base64').toString()) as unknown);
}

function messagesOf({ history }: RecordedRun): Message[] {
  const messages = (history.events as readonly SavedEvent[]).flatMap((event): Message[] => {
    const failure = event.workflowExecutionFailedEventAttributes?.failure.applicationFailureInfo;
    const { signalName, input: signalInput } = event.workflowExecutionSignaledEventAttributes ?? {};
    return [
      ['MonitorOutboundCallInput', firstOf(event.workflowExecutionStartedEventAttributes?.input)],
      ['MonitorOutboundCallResult', firstOf(event.workflowExecutionCompletedEventAttributes?.result)],
      ['MonitorFailureDetails', firstOf(failure?.details)],
      ['FailureType', failure?.type],
      ['CompletionSignal', signalName === 'polyAiCallEnded' ? firstOf(signalInput) : undefined],
    ];
  });
  return messages.filter(([, message]) => message !== undefined);
}

/** The messages of each saved run. */
function savedIn(corpus: typeof monitorHistories): Message[][] {
  return corpus.versions().flatMap((version) => [...corpus.ofVersion(version)].map(messagesOf));
}

/** A test of subscribers sends their workflows what is not a completion signal. */
const hasNonsense = (messages: readonly Message[]): boolean => JSON.stringify(messages).includes('OUT-runs-nonsense');

const isValidMessage = (message: Message): boolean => isValid(...message);

test('what earlier versions wrote into their histories is valid, and nonsense in them is not', () => {
  const signals = savedIn(subscriberHistories).map((run) => run.filter(([type]) => type === 'CompletionSignal'));
  const messages = [...savedIn(monitorHistories), ...signals.filter((run) => !hasNonsense(run))].flat();

  expect(messages.filter((message) => !isValidMessage(message))).toEqual([]);
  expect([...new Set(messages.map(([type]) => type))].sort()).toEqual([
    'CompletionSignal',
    'FailureType',
    'MonitorFailureDetails',
    'MonitorOutboundCallInput',
    'MonitorOutboundCallResult',
  ]);
  const nonsense = signals.filter(hasNonsense);
  expect(nonsense.length).toBeGreaterThan(0);
  for (const run of nonsense) expect(run.every(isValidMessage)).toBe(false);
});
