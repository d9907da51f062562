import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { expect, test, vi } from 'vitest';

import { awaitCallOutcome, getMonitor, monitorFailureOf } from '../../src/client.js';
import { useSubscriberRig } from '../support/subscriber-rig.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';

const rig = useDevServerRig({ searchAttributes: false });
const subscribers = useSubscriberRig(() => ({ client: rig().client, connection: rig().nativeConnection }));

const QUICK = { queuedMs: 300, callingMs: 700 };
const ENDLESS = { queuedMs: 0, callingMs: Infinity };
const SUCCESS = { statuses: [{ status: 'success' }] };
const polling = { interval: 250 };
/** Seven more than the five of an empty workflow, and three workflow tasks of three events. */
const EVENTS_OF_A_SUBSCRIBER = 21;

async function whileWorking<T>(work: () => Promise<T>): Promise<T> {
  return await rig().whileWorking(() => subscribers().whileWorking(work));
}

async function untilRunning(callSid: string): Promise<void> {
  await eventually('the monitor', () => (rig().simulator.requestsFor(callSid).length > 0 ? true : undefined));
}

/** Until so many workflows have subscribed to the monitor. */
/** A backend that awaits a call, once its request is open. */
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

test('starts a missing monitor as a child that outlives its parent', async () => {
  const callSid = 'OUT-ask-child';
  rig().simulator.addCall(callSid, QUICK);
  rig().remember(`outbound-call-${callSid}`);

  const { subscriber, result, monitored } = await whileWorking(async () => {
    const subscriber = await subscribers().start('ask', [{ callSid, polling }]);
    return {
      subscriber,
      result: await subscriber.result(),
      monitored: await getMonitor(rig().client, callSid).result(),
    };
  });

  expect(result).toMatchObject({ callSid, status: 'success' });
  expect(result).toEqual(monitored);
  const [child] = (await subscribers().eventsOf(subscriber.workflowId)).flatMap(
    ({ startChildWorkflowExecutionInitiatedEventAttributes: started }) => started ?? [],
  );
  expect(child).toMatchObject({ workflowId: `outbound-call-${callSid}`, taskQueue: { name: 'polyai-outbound-calls' } });
  expect(child?.parentClosePolicy).toBe(2); // ABANDON
  expect(await subscribers().subscriptions(`outbound-call-${callSid}`)).toBe(0);
});

test('subscribes to a running monitor, whose completion signal makes any polling unnecessary', async () => {
  const callSid = 'OUT-ask-join';
  rig().simulator.addCall(callSid, ENDLESS);

  const { subscriber, result, monitored } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const subscriber = await subscribers().start('ask', [{ callSid }]);
    await subscribers().untilSubscribed(callSid);
    await eventually('its wait', async () => {
      return (await subscribers().count(subscriber.workflowId, 'timerStartedEventAttributes')) > 0 || undefined;
    });
    rig().simulator.addCall(callSid, SUCCESS);
    return { subscriber, result: await subscriber.result(), monitored: await monitor.result() };
  });

  expect(result).toEqual(monitored);
  expect(result.polls).toBe(rig().simulator.requestsFor(callSid).length);
  expect(await subscribers().count(subscriber.workflowId, 'activityTaskScheduledEventAttributes')).toBe(0);
  const { workflowId } = getMonitor(rig().client, callSid);
  expect(await subscribers().subscriptions(workflowId)).toBe(1);
  expect(await subscribers().count(workflowId, 'signalExternalWorkflowExecutionInitiatedEventAttributes')).toBe(1);
  expect(await subscribers().eventsOf(subscriber.workflowId)).toHaveLength(EVENTS_OF_A_SUBSCRIBER);
});

test('reads the result of a completed monitor and starts no other', async () => {
  const callSid = 'OUT-ask-after';
  rig().simulator.addCall(callSid, QUICK);

  const { subscriber, result, monitored, runIds } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const monitored = await monitor.result();
    const before = await rig().client.workflow.getHandle(monitor.workflowId).describe();
    const subscriber = await subscribers().start('ask', [{ callSid }]);
    const result = await subscriber.result();
    const after = await rig().client.workflow.getHandle(monitor.workflowId).describe();
    return { subscriber, result, monitored, runIds: [before.runId, after.runId] };
  });

  expect(result).toEqual(monitored);
  expect(runIds[0]).toBe(runIds[1]);
  expect(await subscribers().count(subscriber.workflowId, 'activityTaskScheduledEventAttributes')).toBe(1);
});

test('starts a failed monitor again', async () => {
  const callSid = 'OUT-ask-again';

  const [first, second] = await whileWorking(async () => {
    const subscriber = await subscribers().start('askTwice', [{ callSid }]);
    await eventually('the failure', async () => {
      const { state } = await getMonitor(rig().client, callSid)
        .describe({ workerTimeoutMs: 0 })
        .catch(() => ({ state: '' }));
      return state === 'FAILED' ? true : undefined;
    });
    rig().simulator.addCall(callSid, SUCCESS);
    await subscriber.signal('goOn');
    return await subscriber.result();
  });

  expect(first).toMatchObject({ failure: { type: 'CallNotFound', details: [{ callSid, polls: 1 }] } });
  expect(second).toMatchObject({ result: { status: 'success' } });
});

test('a failed monitor is the same failure for its parent, a subscriber and a backend', async () => {
  const callSid = 'OUT-ask-fails';
  rig().simulator.addCall(callSid, ENDLESS);

  const answers = await whileWorking(async () => {
    const parent = await subscribers().start('askForAll', [[{ callSid, polling }]]);
    await untilRunning(callSid);
    const joined = await subscribers().start('askForAll', [[{ callSid }]]);
    const failing = await subscribers().start('ask', [{ callSid }]);
    const backend = await waitingBackend(callSid);
    await subscribers().untilSubscribed(callSid, 2);
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

test('a cancelled monitor is a failure for its parent, a subscriber and a backend, and cancels none of them', async () => {
  const callSid = 'OUT-ask-cancelled';
  rig().simulator.addCall(callSid, ENDLESS);
  rig().remember(`outbound-call-${callSid}`);

  const answers = await whileWorking(async () => {
    const parent = await subscribers().start('ask', [{ callSid, polling }]);
    await untilRunning(callSid);
    const joined = await subscribers().start('ask', [{ callSid }]);
    const backend = await waitingBackend(callSid);
    await subscribers().untilSubscribed(callSid);
    await getMonitor(rig().client, callSid).cancel();
    return [await causeOf(parent.result()), await causeOf(joined.result()), await backend.end];
  });

  for (const failure of answers) {
    expect(failure).toMatchObject({
      name: 'ApplicationFailure',
      type: 'MonitorEnded',
      message: 'the monitor was cancelled without a result',
      details: [{ callSid, state: 'CANCELLED' }],
      nonRetryable: true,
    });
    expect(monitorFailureOf(failure)).toBeUndefined();
  }
});

test('a terminated child is the same failure for its parent and a backend', async () => {
  const callSid = 'OUT-ask-terminated';
  rig().simulator.addCall(callSid, ENDLESS);

  const answers = await whileWorking(async () => {
    const parent = await subscribers().start('ask', [{ callSid, polling }]);
    await untilRunning(callSid);
    const backend = await waitingBackend(callSid);
    await rig().client.workflow.getHandle(`outbound-call-${callSid}`).terminate('enough');
    return [await causeOf(parent.result()), await backend.end];
  });

  for (const failure of answers) {
    expect(failure).toMatchObject({
      type: 'MonitorEnded',
      message: 'the monitor was terminated without a result',
      details: [{ callSid, state: 'TERMINATED' }],
    });
  }
});

test.each(['child', 'joined'])(
  'cancellation of the caller takes effect at once and leaves the monitor running (%s)',
  async (how) => {
    const callSid = `OUT-ask-leave-${how}`;
    rig().simulator.addCall(callSid, ENDLESS);
    rig().remember(`outbound-call-${callSid}`);

    const { end, state, result } = await whileWorking(async () => {
      if (how === 'joined') await rig().start({ callSid, polling: { interval: 250, hold: 0 } });
      const subscriber = await subscribers().start('ask', [{ callSid, polling: { interval: 250, hold: 0 } }]);
      await untilRunning(callSid);
      if (how === 'joined') await subscribers().untilSubscribed(callSid);
      await subscriber.cancel();
      const end = await causeOf(subscriber.result());
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
  'when one of two callers in a workflow is cancelled, the other still gets the outcome (%s)',
  async (how) => {
    const callSid = `OUT-ask-two-${how}`;
    rig().simulator.addCall(callSid, ENDLESS);

    const [left, answer] = await whileWorking(async () => {
      if (how === 'joined') await rig().start({ callSid, polling });
      const subscriber = await subscribers().start('oneOfTwoLeaves', [{ callSid, polling }]);
      if (how === 'joined') await subscribers().untilSubscribed(callSid);
      await untilRunning(callSid);
      await subscriber.signal('goOn');
      await eventually('the cancellation', async () => {
        const events = await subscribers().eventsOf(subscriber.workflowId);
        const at = events.findIndex((event) => event.workflowExecutionSignaledEventAttributes);
        return events.slice(at).some((event) => event.workflowTaskCompletedEventAttributes) ? true : undefined;
      });
      rig().simulator.addCall(callSid, SUCCESS);
      return await subscriber.result();
    });

    expect(left).toBe(true);
    expect(answer).toMatchObject({ result: { status: 'success' } });
  },
);

test('one workflow awaits many calls at once, each twice, with one monitor for each call', async () => {
  const callSids = Array.from({ length: 40 }, (_, index) => `OUT-ask-many-${index}`);
  for (const callSid of callSids) rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: 2_000 });

  const { subscriber, answers } = await whileWorking(async () => {
    for (const callSid of callSids.slice(0, 20)) await rig().start({ callSid, polling });
    const inputs = [...callSids, ...callSids].map((callSid) => ({ callSid, polling }));
    const subscriber = await subscribers().start('askForAll', [inputs]);
    return { subscriber, answers: await subscriber.result() };
  });

  expect(answers.slice(0, 40)).toMatchObject(callSids.map((callSid) => ({ result: { callSid, status: 'success' } })));
  expect(answers.slice(40)).toEqual(answers.slice(0, 40));
  expect(await subscribers().count(subscriber.workflowId, 'startChildWorkflowExecutionInitiatedEventAttributes')).toBe(
    40,
  );
  expect(await subscribers().count(subscriber.workflowId, 'childWorkflowExecutionStartedEventAttributes')).toBe(20);
});

test('rejects an invalid call SID before it starts anything', async () => {
  const subscriber = await subscribers().start('ask', [{ callSid: 'IN-12345' }]);

  const failure = await whileWorking(() => causeOf(subscriber.result()));

  expect(monitorFailureOf(failure)).toMatchObject({ type: 'InvalidCallSid' });
  expect((failure as Error).message).not.toContain('IN-12345');
  expect(await subscribers().count(subscriber.workflowId, 'startChildWorkflowExecutionInitiatedEventAttributes')).toBe(
    0,
  );
});
