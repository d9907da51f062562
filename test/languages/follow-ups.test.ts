import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { beforeEach, describe, expect, test } from 'vitest';

import schema from '../../src/contract/monitor.schema.json' with { type: 'json' };
import type { MonitorOutboundCallInput } from '../../src/index.js';
import type { CallScript } from '../../src/simulator.js';
import { eventually } from '../support/dev-server-rig.js';
import { type Message, messageValidator } from '../support/monitor-messages.js';
import { useFollowUpRig, WAYS } from '../support/follow-up-rig.js';

/** `examples/python` and `examples/go` beside the same in TypeScript. */

const rig = useFollowUpRig();
const isValid = messageValidator(schema);

const polling = { interval: '250ms' };
const CALLING = { statuses: [{ status: 'calling', forMs: Infinity }] };
const SUCCESS = { statuses: [{ status: 'success' }] };

interface Ending {
  /** Of the call; an unknown one has none. */
  readonly script?: CallScript;
  readonly input?: Omit<MonitorOutboundCallInput, 'callSid'>;
  readonly report: object;
  /** Whether the monitor has no progress, which the backends ask for. */
  readonly hasNoProgress?: boolean;
}

const failure = (type: string, nextStep: string) => ({ nextStep, failure: { type } });

const ENDINGS: Readonly<Record<string, Ending>> = {
  success: {
    script: { queuedMs: 400, callingMs: 400 },
    report: { nextStep: 'none', result: { status: 'success', reason: '' } },
  },
  failure: {
    script: { statuses: [{ status: 'failure' }], reason: 'busy' },
    report: { nextStep: 'call again', result: { status: 'failure', reason: 'busy' } },
  },
  unknown: { report: failure('CallNotFound', 'correct the call SID') },
  'rejected-token': { input: { account: 'rejected' }, report: failure('Unauthorized', 'renew the token') },
  expired: {
    // Only the first request gets the status.
    script: {
      ...CALLING,
      faults: [
        { kind: 'delay', ms: 0 },
        { kind: 'status', status: 404, times: Infinity },
      ],
    },
    report: failure('CallStatusExpired', 'look the call up by hand'),
  },
  endless: {
    script: CALLING,
    input: { deadline: '1s' },
    report: failure('MonitorDeadlineExceeded', 'look the call up by hand'),
  },
  'wrong-input': {
    input: { deadline: 'soon' },
    report: { nextStep: 'investigate', failure: { type: 'InvalidInput', details: [] } },
    hasNoProgress: true,
  },
};

describe.each(rig.languages)('$name', (language) => {
  const name = language.name.toLowerCase();

  beforeEach(({ skip }) => skip(language.notRun !== undefined, language.notRun));

  test.each(WAYS)('%s: the result and the failure of the monitor, as TypeScript reads them', async (way) => {
    const endings = Object.entries(ENDINGS).filter(
      ([, { hasNoProgress = false }]) => way !== 'in a backend' || !hasNoProgress,
    );
    const calls = endings.map(([ending, { input, script }]) => {
      const callSid = `OUT-${name}-${way.replaceAll(' ', '-')}-${ending}`;
      if (script) rig.simulator.addCall(callSid, script);
      return { callSid, polling, ...input };
    });

    const reports = await rig.follow(language, way, calls);

    expect(reports).toMatchObject(endings.map(([, { report }]) => report));
    const completions = await Promise.all(calls.map(({ callSid }) => rig.completionOf(callSid)));
    expect(reports.map(({ nextStep: _, ...completion }) => completion)).toEqual(completions);
  });

  test('a monitor that runs or has completed is not started again, however it is followed', async () => {
    const callSid = `OUT-${name}-joined`;
    rig.simulator.addCall(callSid, CALLING);
    await rig.startMonitor({ callSid, polling });
    const follow = async () => (await Promise.all(WAYS.map((way) => rig.follow(language, way, [{ callSid }])))).flat();

    const followed = follow();
    await rig.untilJoined(callSid, { subscribers: 1, operations: 1 });
    rig.simulator.addCall(callSid, SUCCESS);
    const reports = [...(await followed), ...(await follow())];

    const completion = await rig.completionOf(callSid);
    expect(completion).toMatchObject({ result: { status: 'success' } });
    expect(reports).toEqual(reports.map(() => ({ nextStep: 'none', ...completion })));
    expect(await rig.countRuns(callSid)).toBe(1);
  });

  test('a monitor that has failed is started again, however it is followed', async () => {
    const callSid = `OUT-${name}-again`;
    for (const way of WAYS) {
      expect(await rig.follow(language, way, [{ callSid }])).toMatchObject([{ failure: { type: 'CallNotFound' } }]);
    }

    expect(await rig.countRuns(callSid)).toBe(WAYS.length);
  });

  test.each(WAYS)('%s: a monitor that was cancelled ends as such', async (way) => {
    const callSid = `OUT-${name}-${way.replaceAll(' ', '-')}-cancelled`;
    rig.simulator.addCall(callSid, CALLING);
    const followed = rig.follow(language, way, [{ callSid, polling }]);
    await eventually('a poll', () => rig.simulator.requestsFor(callSid)[0]);
    await rig.monitor(callSid).cancel();

    expect(await followed).toMatchObject([{ nextStep: 'look the call up by hand', failure: { type: 'MonitorEnded' } }]);
  });

  test.each(['FollowUp', 'FollowUpViaNexus'] as const)(
    '%s that is cancelled ends at once, and leaves the monitor to others',
    async (type) => {
      const callSid = `OUT-${name}-${type}-left`;
      rig.simulator.addCall(callSid, CALLING);
      const followUp = await rig.start(language, type, { callSid, polling });
      await rig.untilFollowed(followUp);
      await followUp.cancel();
      const error: unknown = await followUp.result().catch((reason: unknown) => reason);
      rig.simulator.addCall(callSid, SUCCESS);

      expect(error).toBeInstanceOf(WorkflowFailedError);
      expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
      expect(await rig.completionOf(callSid)).toMatchObject({ result: { status: 'success' } });
      expect(await rig.isCancelRequested(callSid)).toBe(false);
    },
  );
});

describe.each(rig.examples)('$name', (language) => {
  const name = language.name.toLowerCase();

  beforeEach(({ skip }) => skip(language.notRun !== undefined, language.notRun));

  test('what it sends and what it reads is valid by the JSON Schema', async () => {
    const call = (ending: string) => ({ callSid: `OUT-${name}-schema-${ending}`, polling });
    const joined = call('joined');
    rig.simulator.addCall(joined.callSid, CALLING);
    await rig.startMonitor(joined);
    const followUp = await rig.start(language, 'FollowUp', joined);
    await rig.untilJoined(joined.callSid, { subscribers: 1, operations: 0 });
    for (const { callSid } of [joined, call('known')]) rig.simulator.addCall(callSid, SUCCESS);
    const [known, unknown] = await language.follow([call('known'), call('unknown')]);
    await followUp.result();

    const messages: Message[] = [
      ['MonitorProgress', known?.progress],
      ['MonitorOutboundCallResult', known?.report.result],
      ['FailureType', unknown?.report.failure?.type],
      ['MonitorFailureDetails', unknown?.report.failure?.details[0]],
      ...(await rig.messagesOf(rig.monitor(call('known').callSid))),
      ...(await rig.messagesOf(rig.monitor(joined.callSid))),
      ...(await rig.messagesOf(followUp)),
    ];
    expect(messages.filter((message) => !isValid(...message))).toEqual([]);
    expect([...new Set(messages.map(([type]) => type))].sort()).toEqual([
      'CompletionSignal',
      'FailureType',
      'MonitorFailureDetails',
      'MonitorOutboundCallInput',
      'MonitorOutboundCallResult',
      'MonitorProgress',
      'NotifyWhenEndedInput',
      'ReadMonitorInput',
      'ReadMonitorResult',
    ]);
  });
});

test('languages that ask for one call at once share its monitor', async () => {
  const callSid = 'OUT-of-all-languages';
  rig.simulator.addCall(callSid, { queuedMs: 500, callingMs: 3_000 });
  const able = rig.languages.filter(({ notRun }) => notRun === undefined);

  const reports = await Promise.all(
    able.flatMap((language) => WAYS.map((way) => rig.follow(language, way, [{ callSid, polling }]))),
  );

  const completion = await rig.completionOf(callSid);
  expect(reports.flat()).toEqual(reports.map(() => ({ nextStep: 'none', ...completion })));
  expect(await rig.countRuns(callSid)).toBe(1);
});
