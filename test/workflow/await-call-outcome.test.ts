import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { expect, test, vi } from 'vitest';

import { awaitCallOutcome, getMonitor, monitorFailureOf } from '../../src/client.js';
import { useAskerRig } from '../support/asker-rig.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';

const rig = useDevServerRig({ searchAttributes: false });
const askers = useAskerRig(() => ({ client: rig().client, connection: rig().nativeConnection }));

const QUICK = { queuedMs: 300, callingMs: 700 };
const FOR_EVER = { queuedMs: 0, callingMs: Infinity };
const SUCCESS = { statuses: [{ status: 'success' }] };
const polling = { interval: 250 };
/** Seven, and three workflow tasks, more than the five of a workflow that does nothing. */
const EVENTS_OF_A_JOIN = 21;

async function whileWorking<T>(work: () => Promise<T>): Promise<T> {
  return await rig().whileWorking(() => askers().whileWorking(work));
}

async function untilRunning(callSid: string): Promise<void> {
  await eventually('the monitor', () => (rig().simulator.requestsFor(callSid).length > 0 ? true : undefined));
}

/** Until the monitor has been asked by so many workflows. */
async function untilAsked(callSid: string, times = 1): Promise<void> {
  const { workflowId } = getMonitor(rig().client, callSid);
  await eventually('its askers', async () =>
    (await askers().count(workflowId, 'workflowExecutionSignaledEventAttributes')) >= times ? true : undefined,
  );
}

/** A backend that waits for a call, when it does. */
async function waitingBackend(callSid: string): Promise<{ readonly end: Promise<unknown> }> {
  const requests = vi.spyOn(rig().client.workflowService, 'getWorkflowExecutionHistory');
  const end = causeOf(awaitCallOutcome(rig().client, { callSid }));
  await eventually('its long poll', () =>
    requests.mock.calls.some(([{ waitNewEvent }]) => waitNewEvent) ? true : undefined,
  );
  requests.mockRestore();
  return { end };
}

async function causeOf(outcome: Promise<unknown>): Promise<unknown> {
  const error = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof WorkflowFailedError ? error.cause : error;
}

test('where there is no monitor it is started as a child, which outlives its parent', async () => {
  const callSid = 'OUT-ask-child';
  rig().simulator.addCall(callSid, QUICK);
  rig().remember(`outbound-call-${callSid}`);

  const { asker, result, monitored } = await whileWorking(async () => {
    const asker = await askers().start('ask', [{ callSid, polling }]);
    return { asker, result: await asker.result(), monitored: await getMonitor(rig().client, callSid).result() };
  });

  expect(result).toMatchObject({ callSid, status: 'success' });
  expect(result).toEqual(monitored);
  const [child] = (await askers().eventsOf(asker.workflowId)).flatMap(
    ({ startChildWorkflowExecutionInitiatedEventAttributes: started }) => started ?? [],
  );
  expect(child).toMatchObject({ workflowId: `outbound-call-${callSid}`, taskQueue: { name: 'polyai-outbound-calls' } });
  expect(child?.parentClosePolicy).toBe(2); // ABANDON
  expect(await askers().count(`outbound-call-${callSid}`, 'workflowExecutionSignaledEventAttributes')).toBe(0);
});

test('a monitor that runs is joined: it tells at its end, and nobody looks or polls', async () => {
  const callSid = 'OUT-ask-join';
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: 3_000 });

  const { asker, result, monitored } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const asker = await askers().start('ask', [{ callSid }]);
    return { asker, result: await asker.result(), monitored: await monitor.result() };
  });

  expect(result).toEqual(monitored);
  expect(result.polls).toBe(rig().simulator.requestsFor(callSid).length);
  expect(await askers().count(asker.workflowId, 'activityTaskScheduledEventAttributes')).toBe(0);
  const { workflowId } = getMonitor(rig().client, callSid);
  expect(await askers().count(workflowId, 'workflowExecutionSignaledEventAttributes')).toBe(1);
  expect(await askers().count(workflowId, 'signalExternalWorkflowExecutionInitiatedEventAttributes')).toBe(1);
  expect(await askers().eventsOf(asker.workflowId)).toHaveLength(EVENTS_OF_A_JOIN);
});

test('the result of a monitor that has completed is read, and no monitor is started', async () => {
  const callSid = 'OUT-ask-after';
  rig().simulator.addCall(callSid, QUICK);

  const { asker, result, monitored, runIds } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const monitored = await monitor.result();
    const before = await rig().client.workflow.getHandle(monitor.workflowId).describe();
    const asker = await askers().start('ask', [{ callSid }]);
    const result = await asker.result();
    const after = await rig().client.workflow.getHandle(monitor.workflowId).describe();
    return { asker, result, monitored, runIds: [before.runId, after.runId] };
  });

  expect(result).toEqual(monitored);
  expect(runIds[0]).toBe(runIds[1]);
  expect(await askers().count(asker.workflowId, 'activityTaskScheduledEventAttributes')).toBe(1);
});

test('a monitor that has failed is started again', async () => {
  const callSid = 'OUT-ask-again';

  const [first, second] = await whileWorking(async () => {
    const asker = await askers().start('askTwice', [{ callSid }]);
    await eventually('the failure', async () => {
      const { state } = await getMonitor(rig().client, callSid)
        .describe({ workerTimeoutMs: 0 })
        .catch(() => ({ state: '' }));
      return state === 'FAILED' ? true : undefined;
    });
    rig().simulator.addCall(callSid, SUCCESS);
    await asker.signal('goOn');
    return await asker.result();
  });

  expect(first).toMatchObject({ failure: { type: 'CallNotFound', details: [{ callSid, polls: 1 }] } });
  expect(second).toMatchObject({ result: { status: 'success' } });
});

test('a monitor that fails is one failure for all who ask: its parent, one that joined, a backend', async () => {
  const callSid = 'OUT-ask-fails';
  rig().simulator.addCall(callSid, FOR_EVER);

  const answers = await whileWorking(async () => {
    const parent = await askers().start('askForAll', [[{ callSid, polling }]]);
    await untilRunning(callSid);
    const joined = await askers().start('askForAll', [[{ callSid }]]);
    const failing = await askers().start('ask', [{ callSid }]);
    const backend = await waitingBackend(callSid);
    await untilAsked(callSid, 2);
    rig().simulator.setFault({ kind: 'status', status: 404 });
    const failed = await causeOf(failing.result());
    const heard = [(await parent.result())[0], (await joined.result())[0]];
    return [...heard.map((answer) => answer && 'failure' in answer && answer.failure), failed, await backend.end];
  });

  const failures = answers.map((answer) => {
    const { type, message, details } = answer as { type: string; message: string; details: unknown };
    return { type, message, details };
  });
  expect(failures[0]).toMatchObject({
    type: 'CallStatusExpired',
    details: [{ callSid, polls: expect.any(Number) as number }],
  });
  for (const failure of failures) expect(failure).toEqual(failures[0]);
  for (const error of answers.slice(2)) {
    expect(monitorFailureOf(error)).toMatchObject({ type: 'CallStatusExpired', details: { callSid } });
  }
});

test('a monitor that is cancelled tells all who ask, to whom it is a failure and no cancellation of their own', async () => {
  const callSid = 'OUT-ask-cancelled';
  rig().simulator.addCall(callSid, FOR_EVER);
  rig().remember(`outbound-call-${callSid}`);

  const answers = await whileWorking(async () => {
    const parent = await askers().start('ask', [{ callSid, polling }]);
    await untilRunning(callSid);
    const joined = await askers().start('ask', [{ callSid }]);
    const backend = await waitingBackend(callSid);
    await untilAsked(callSid);
    await getMonitor(rig().client, callSid).cancel();
    return [await causeOf(parent.result()), await causeOf(joined.result()), await backend.end];
  });

  for (const failure of answers) {
    expect(failure).toMatchObject({
      name: 'ApplicationFailure',
      type: 'MonitorEnded',
      message: 'the monitor was cancelled before the call had a final status',
      details: [{ callSid, state: 'CANCELLED' }],
      nonRetryable: true,
    });
    expect(monitorFailureOf(failure)).toBeUndefined();
  }
});

test('a child that is terminated is the failure that a backend is told of', async () => {
  const callSid = 'OUT-ask-terminated';
  rig().simulator.addCall(callSid, FOR_EVER);

  const answers = await whileWorking(async () => {
    const parent = await askers().start('ask', [{ callSid, polling }]);
    await untilRunning(callSid);
    const backend = await waitingBackend(callSid);
    await rig().client.workflow.getHandle(`outbound-call-${callSid}`).terminate('enough');
    return [await causeOf(parent.result()), await backend.end];
  });

  for (const failure of answers) {
    expect(failure).toMatchObject({
      type: 'MonitorEnded',
      message: 'the monitor was terminated before the call had a final status',
      details: [{ callSid, state: 'TERMINATED' }],
    });
  }
});

test.each(['child', 'joined'])(
  'an asker that is cancelled ends at once, and leaves the monitor running (%s)',
  async (how) => {
    const callSid = `OUT-ask-leave-${how}`;
    rig().simulator.addCall(callSid, FOR_EVER);
    rig().remember(`outbound-call-${callSid}`);

    const { end, state, result } = await whileWorking(async () => {
      if (how === 'joined') await rig().start({ callSid, polling: { interval: 250, hold: 0 } });
      const asker = await askers().start('ask', [{ callSid, polling: { interval: 250, hold: 0 } }]);
      await untilRunning(callSid);
      if (how === 'joined') await untilAsked(callSid);
      await asker.cancel();
      const end = await causeOf(asker.result());
      const monitor = getMonitor(rig().client, callSid);
      const { state } = await monitor.describe();
      rig().simulator.addCall(callSid, SUCCESS);
      return { end, state, result: await monitor.result() };
    });

    expect(end).toBeInstanceOf(CancelledFailure);
    expect(state).toBe('RUNNING');
    expect(result.status).toBe('success');
  },
);

test.each(['child', 'joined'])(
  'of two that share a wait one may leave, and the other still hears (%s)',
  async (how) => {
    const callSid = `OUT-ask-two-${how}`;
    rig().simulator.addCall(callSid, FOR_EVER);

    const [left, answer] = await whileWorking(async () => {
      if (how === 'joined') await rig().start({ callSid, polling });
      const asker = await askers().start('oneOfTwoLeaves', [{ callSid, polling }]);
      if (how === 'joined') await untilAsked(callSid);
      await untilRunning(callSid);
      await asker.signal('goOn');
      await eventually('the leave', async () => {
        const events = await askers().eventsOf(asker.workflowId);
        const at = events.findIndex((event) => event.workflowExecutionSignaledEventAttributes);
        return events.slice(at).some((event) => event.workflowTaskCompletedEventAttributes) ? true : undefined;
      });
      rig().simulator.addCall(callSid, SUCCESS);
      return await asker.result();
    });

    expect(left).toBe(true);
    expect(answer).toMatchObject({ result: { status: 'success' } });
  },
);

test('one workflow awaits many calls at once, each with one monitor, and the same call twice', async () => {
  const callSids = Array.from({ length: 40 }, (_, index) => `OUT-ask-many-${index}`);
  for (const callSid of callSids) rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: 2_000 });

  const { asker, answers } = await whileWorking(async () => {
    for (const callSid of callSids.slice(0, 20)) await rig().start({ callSid, polling });
    const inputs = [...callSids, ...callSids].map((callSid) => ({ callSid, polling }));
    const asker = await askers().start('askForAll', [inputs]);
    return { asker, answers: await asker.result() };
  });

  expect(answers.slice(0, 40)).toMatchObject(callSids.map((callSid) => ({ result: { callSid, status: 'success' } })));
  expect(answers.slice(40)).toEqual(answers.slice(0, 40));
  expect(await askers().count(asker.workflowId, 'startChildWorkflowExecutionInitiatedEventAttributes')).toBe(40);
  expect(await askers().count(asker.workflowId, 'childWorkflowExecutionStartedEventAttributes')).toBe(20);
});

test('a call SID that cannot be one is refused before anything is started', async () => {
  const asker = await askers().start('ask', [{ callSid: 'IN-12345' }]);

  const failure = await whileWorking(() => causeOf(asker.result()));

  expect(monitorFailureOf(failure)).toMatchObject({ type: 'InvalidCallSid' });
  expect((failure as Error).message).not.toContain('IN-12345');
  expect(await askers().count(asker.workflowId, 'startChildWorkflowExecutionInitiatedEventAttributes')).toBe(0);
});
