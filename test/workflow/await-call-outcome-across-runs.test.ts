import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';

import { createActivities, PolyAiClient } from '../../src/activities.js';
import { getMonitor } from '../../src/client.js';
import { GRPC_STATUS, grpcStatusOf } from '../../src/platform/grpc.js';
import { useSubscriberRig } from '../support/subscriber-rig.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';
import type { ask, askAcrossRuns } from '../support/workflows/subscribers.js';

const SERVER_CONFIG = [
  'limit.historyCount.suggestContinueAsNew=60',
  // A deletion waits until these queues have noted that the run is closed, by default for half a minute.
  'history.transferProcessorUpdateAckInterval="1s"',
  'history.visibilityProcessorUpdateAckInterval="1s"',
];
const rig = useDevServerRig({
  searchAttributes: false,
  extraArgs: SERVER_CONFIG.flatMap((value) => ['--dynamic-config-value', value]),
});
const subscribers = useSubscriberRig(() => ({ client: rig().client, connection: rig().nativeConnection }));

const ENDLESS = { queuedMs: 0, callingMs: Infinity };
const SUCCESS = { statuses: [{ status: 'success' }] };
const polling = { interval: 250 };

async function whileWorking<T>(work: () => Promise<T>): Promise<T> {
  return await rig().whileWorking(() => subscribers().whileWorking(work));
}

async function untilRunning(callSid: string): Promise<void> {
  await eventually('the monitor', () => (rig().simulator.requestsFor(callSid).length > 0 ? true : undefined));
}

async function untilSecondRun(workflowId: string): Promise<void> {
  await eventually('the second run', async () =>
    (await fetchRuns(rig().client, workflowId)).length >= 2 ? true : undefined,
  );
}

/** A subscriber whose second run has been signalled that the monitor failed, and waits to go on. */
async function subscriberToldOfFailure(callSid: string): Promise<WorkflowHandle<typeof askAcrossRuns>> {
  const monitor = await rig().start({ callSid, polling });
  const subscriber = await subscribers().start('askAcrossRuns', [{ callSid }, true]);
  await subscribers().untilSubscribed(callSid);
  await subscriber.signal('goOn');
  await untilSecondRun(subscriber.workflowId);
  rig().simulator.setFault({ kind: 'status', status: 404 });
  await monitor.result().catch(() => undefined);
  rig().simulator.setFault(undefined);
  return subscriber;
}

test.each(['child', 'joined'])('after continue-as-new a workflow awaits the same monitor (%s)', async (how) => {
  const callSid = `OUT-runs-before-${how}`;
  rig().simulator.addCall(callSid, ENDLESS);
  const monitor = getMonitor(rig().client, callSid);
  rig().remember(monitor.workflowId);

  const { subscriber, answer, result } = await whileWorking(async () => {
    if (how === 'joined') await rig().start({ callSid, polling });
    const subscriber = await subscribers().start('askAcrossRuns', [{ callSid, polling }, false]);
    if (how === 'joined') await subscribers().untilSubscribed(callSid);
    else await untilRunning(callSid);
    await subscriber.signal('goOn');
    await subscribers().untilSubscribed(callSid, how === 'joined' ? 2 : 1);
    rig().simulator.addCall(callSid, SUCCESS);
    return { subscriber, answer: await subscriber.result(), result: await monitor.result() };
  });

  expect(answer).toEqual({ result });
  expect(await fetchRuns(rig().client, subscriber.workflowId)).toHaveLength(2);
  expect(await fetchRuns(rig().client, monitor.workflowId)).toHaveLength(1);
  expect(await subscribers().count(subscriber.workflowId, 'activityTaskScheduledEventAttributes')).toBe(0);
});

test('a later run of a workflow reads the result of the completed monitor', async () => {
  const callSid = 'OUT-runs-after';
  rig().simulator.addCall(callSid, SUCCESS);
  const monitor = getMonitor(rig().client, callSid);

  const { subscriber, answer, result } = await whileWorking(async () => {
    const subscriber = await subscribers().start('askAcrossRuns', [{ callSid }, true]);
    await untilRunning(callSid);
    const result = await monitor.result();
    await subscriber.signal('goOn');
    await untilSecondRun(subscriber.workflowId);
    await subscriber.signal('goOn');
    return { subscriber, answer: await subscriber.result(), result };
  });

  expect(answer).toEqual({ result });
  expect(await fetchRuns(rig().client, monitor.workflowId)).toHaveLength(1);
  expect(await subscribers().count(subscriber.workflowId, 'activityTaskScheduledEventAttributes')).toBe(1);
});

test('a failure signalled before the next run awaits the call is its outcome: no monitor is started', async () => {
  const callSid = 'OUT-runs-told';
  rig().simulator.addCall(callSid, ENDLESS);

  const { subscriber, answer } = await whileWorking(async () => {
    const subscriber = await subscriberToldOfFailure(callSid);
    await subscriber.signal('goOn');
    return { subscriber, answer: await subscriber.result() };
  });

  expect(answer).toMatchObject({ failure: { type: 'CallStatusExpired' } });
  expect(await subscribers().count(subscriber.workflowId, 'startChildWorkflowExecutionInitiatedEventAttributes')).toBe(
    1,
  );
});

test('a failure signalled to the next run is outdated once the monitor was started again', async () => {
  const callSid = 'OUT-runs-outdated';
  rig().simulator.addCall(callSid, ENDLESS);

  const { answer, result } = await whileWorking(async () => {
    const subscriber = await subscriberToldOfFailure(callSid);
    rig().simulator.addCall(callSid, SUCCESS);
    const result = await (await rig().start({ callSid, polling })).result();
    await subscriber.signal('goOn');
    return { answer: await subscriber.result(), result };
  });

  expect(answer).toEqual({ result });
});

test('a failure signalled to the next run is not its answer while the monitor runs again', async () => {
  const callSid = 'OUT-runs-outdated-running';
  rig().simulator.addCall(callSid, ENDLESS);

  const { answer, result } = await whileWorking(async () => {
    const subscriber = await subscriberToldOfFailure(callSid);
    const monitor = await rig().start({ callSid, polling });
    await subscriber.signal('goOn');
    await subscribers().untilSubscribed(callSid);
    rig().simulator.addCall(callSid, SUCCESS);
    return { answer: await subscriber.result(), result: await monitor.result() };
  });

  expect(answer).toEqual({ result });
});

test('a monitor that continues as new carries its subscribers over and notifies each once', async () => {
  const callSid = 'OUT-runs-monitor';
  rig().simulator.addCall(callSid, ENDLESS);

  const { monitor, answers } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250, hold: 0 } });
    const started = [1, 2, 3].map(() => subscribers().start('ask', [{ callSid }]));
    const waiting = await Promise.all(started);
    await subscribers().untilSubscribed(callSid, 3);
    await untilSecondRun(monitor.workflowId);
    rig().simulator.addCall(callSid, SUCCESS);
    const answers = [];
    for (const subscriber of waiting) answers.push({ subscriber, result: await subscriber.result() });
    return { monitor, answers };
  });

  for (const { subscriber, result } of answers) {
    expect(result).toEqual(answers[0]!.result);
    expect(await subscribers().count(subscriber.workflowId, 'activityTaskScheduledEventAttributes')).toBe(0);
    expect(await subscribers().count(subscriber.workflowId, 'workflowExecutionSignaledEventAttributes')).toBe(1);
  }
  expect(await subscribers().count(monitor.workflowId, 'signalExternalWorkflowExecutionInitiatedEventAttributes')).toBe(
    3,
  );
});

test('subscribers that arrive while the monitor completes or continues as new are notified at once', async () => {
  const callSid = 'OUT-runs-storm';
  rig().simulator.addCall(callSid, ENDLESS);
  const { workflowId } = getMonitor(rig().client, callSid);

  rig().remember(workflowId);

  const { waiting, results } = await whileWorking(async () => {
    const waiting: WorkflowHandle<typeof ask>[] = [];
    const arrive = async (count: number): Promise<void> => {
      for (let started = 0; started < count; started += 1) {
        // Without a hold, so that it continues as new meanwhile.
        waiting.push(await subscribers().start('ask', [{ callSid, polling: { interval: 250, hold: 0 } }]));
        await new Promise((resolve) => setTimeout(resolve, 80));
      }
    };
    await arrive(30);
    // The first one has started the monitor.
    await subscribers().untilSubscribed(callSid, 29);
    await untilSecondRun(workflowId);
    rig().simulator.addCall(callSid, SUCCESS);
    await arrive(10);
    const results = await Promise.all(waiting.map((subscriber) => subscriber.result()));
    return { waiting, results };
  });

  for (const result of results) expect(result).toEqual(results[0]);
  expect(results[0]).toMatchObject({ status: 'success', polls: rig().simulator.requestsFor(callSid).length });
  for (const subscriber of waiting) {
    expect(await subscribers().count(subscriber.workflowId, 'timerFiredEventAttributes')).toBe(0);
  }
});

test('a closed subscriber and invalid signals harm neither the monitor nor its subscribers', async () => {
  const callSid = 'OUT-runs-nonsense';
  rig().simulator.addCall(callSid, ENDLESS);

  const { monitor, monitored, result } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const handle = rig().client.workflow.getHandle(monitor.workflowId);
    for (const args of [[], [null], ['subscriber'], [{ workflowId: 7 }], [{ workflowId: '' }]]) {
      await handle.signal('notifyWhenEnded', ...args);
    }
    await handle.signal('notifyWhenEnded', { workflowId: 'never-there' });
    const subscriber = await subscribers().start('ask', [{ callSid }]);
    await subscribers().untilSubscribed(callSid, 7);
    for (const args of [[], [null], [{ callSid }], [{ result: { callSid } }]]) {
      await rig()
        .client.workflow.getHandle(subscriber.workflowId)
        .signal('polyAiCallEnded', ...args);
    }
    rig().simulator.addCall(callSid, SUCCESS);
    return { monitor, monitored: await monitor.result(), result: await subscriber.result() };
  });

  expect(result).toEqual(monitored);
  expect(await subscribers().count(monitor.workflowId, 'signalExternalWorkflowExecutionInitiatedEventAttributes')).toBe(
    2,
  );
  expect(await subscribers().count(monitor.workflowId, 'signalExternalWorkflowExecutionFailedEventAttributes')).toBe(1);
});

test('starts a monitor again that was deleted from the server', async () => {
  const callSid = 'OUT-runs-deleted';
  rig().simulator.addCall(callSid, SUCCESS);
  const polyAi = new PolyAiClient({ baseUrl: rig().simulator.url, token: rig().simulator.token });
  const { readMonitor, ...activities } = createActivities({ polyAi });
  const { client } = rig();
  const readings: string[] = [];
  const forgetful = await Worker.create({
    ...{ connection: rig().nativeConnection, namespace: rig().server.namespace, taskQueue: 'forgetful' },
    workflowBundle: subscribers().workflowBundle,
    activities: {
      ...activities,
      readMonitor: async (input: { callSid: string }) => {
        await deleteMonitor(input.callSid);
        const reading = await readMonitor(input);
        readings.push(reading.state);
        return reading;
      },
    },
  });

  const result = await forgetful.runUntil(() =>
    whileWorking(async () => {
      await (await rig().client.workflow.start('monitorOutboundCall', startOf(callSid))).result();
      return await (await subscribers().start('ask', [{ callSid }, { taskQueue: 'forgetful' }])).result();
    }),
  );
  await polyAi.close();

  // May be read repeatedly, because the server rejects the start for a while after the deletion.
  expect(new Set(readings)).toEqual(new Set(['absent']));
  expect(result.status).toBe('success');
  expect(rig().simulator.requestsFor(callSid)).toHaveLength(2);

  async function deleteMonitor(sid: string): Promise<void> {
    const execution = { workflowId: `outbound-call-${sid}` };
    const { namespace } = client.options;
    const { workflowService } = client;
    // Deleted already, when it is read again.
    await isFound(workflowService.deleteWorkflowExecution({ namespace, workflowExecution: execution }));
    await eventually('its deletion', async () =>
      (await isFound(workflowService.describeWorkflowExecution({ namespace, execution }))) ? undefined : true,
    );
  }
});

async function isFound(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    if (grpcStatusOf(error) === GRPC_STATUS.NOT_FOUND) return false;
    throw error;
  }
}

function startOf(callSid: string) {
  return { workflowId: `outbound-call-${callSid}`, taskQueue: 'polyai-outbound-calls', args: [{ callSid }] };
}
