import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';

import { createActivities, PolyAiClient } from '../../src/activities.js';
import { getMonitor, type MonitorHandle } from '../../src/client.js';
import { useAskerRig } from '../support/asker-rig.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';

const rig = useDevServerRig({
  searchAttributes: false,
  extraArgs: ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60'],
});
const askers = useAskerRig(() => ({ client: rig().client, connection: rig().nativeConnection }));

const FOR_EVER = { queuedMs: 0, callingMs: Infinity };
const SUCCESS = { statuses: [{ status: 'success' }] };
const polling = { interval: 250 };

async function whileWorking<T>(work: () => Promise<T>): Promise<T> {
  return await rig().whileWorking(() => askers().whileWorking(work));
}

async function untilAsked({ workflowId }: MonitorHandle, times = 1): Promise<void> {
  await eventually('its askers', async () =>
    (await askers().count(workflowId, 'workflowExecutionSignaledEventAttributes')) >= times ? true : undefined,
  );
}

async function untilRunning(callSid: string): Promise<void> {
  await eventually('the monitor', () => (rig().simulator.requestsFor(callSid).length > 0 ? true : undefined));
}

async function untilSecondRun(workflowId: string): Promise<void> {
  await eventually('the second run', async () =>
    (await fetchRuns(rig().client, workflowId)).length === 2 ? true : undefined,
  );
}

test.each(['child', 'joined'])(
  'an asker that continues as new before the end goes on waiting for the same monitor (%s)',
  async (how) => {
    const callSid = `OUT-runs-before-${how}`;
    rig().simulator.addCall(callSid, FOR_EVER);
    const monitor = getMonitor(rig().client, callSid);
    rig().remember(monitor.workflowId);

    const { asker, answer, result } = await whileWorking(async () => {
      if (how === 'joined') await rig().start({ callSid, polling });
      const asker = await askers().start('askAcrossRuns', [{ callSid, polling }, false]);
      if (how === 'joined') await untilAsked(monitor);
      else await untilRunning(callSid);
      await asker.signal('goOn');
      await untilAsked(monitor, how === 'joined' ? 2 : 1);
      rig().simulator.addCall(callSid, SUCCESS);
      return { asker, answer: await asker.result(), result: await monitor.result() };
    });

    expect(answer).toEqual({ result });
    expect(await fetchRuns(rig().client, asker.workflowId)).toHaveLength(2);
    expect(await fetchRuns(rig().client, monitor.workflowId)).toHaveLength(1);
    expect(await askers().count(asker.workflowId, 'activityTaskScheduledEventAttributes')).toBe(0);
  },
);

test('an asker that asks again after the end reads the result', async () => {
  const callSid = 'OUT-runs-after';
  rig().simulator.addCall(callSid, SUCCESS);
  const monitor = getMonitor(rig().client, callSid);

  const { asker, answer, result } = await whileWorking(async () => {
    const asker = await askers().start('askAcrossRuns', [{ callSid }, true]);
    await untilRunning(callSid);
    const result = await monitor.result();
    await asker.signal('goOn');
    await untilSecondRun(asker.workflowId);
    await asker.signal('goOn');
    return { asker, answer: await asker.result(), result };
  });

  expect(answer).toEqual({ result });
  expect(await fetchRuns(rig().client, monitor.workflowId)).toHaveLength(1);
  expect(await askers().count(asker.workflowId, 'activityTaskScheduledEventAttributes')).toBe(1);
});

test('a failure that was told before the next run asked is its answer: no monitor is started for it', async () => {
  const callSid = 'OUT-runs-told';
  rig().simulator.addCall(callSid, FOR_EVER);

  const { asker, answer } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const asker = await askers().start('askAcrossRuns', [{ callSid }, true]);
    await untilAsked(monitor);
    await asker.signal('goOn');
    await untilSecondRun(asker.workflowId);
    rig().simulator.setFault({ kind: 'status', status: 404 });
    await monitor.result().catch(() => undefined);
    await asker.signal('goOn');
    return { asker, answer: await asker.result() };
  });

  expect(answer).toMatchObject({ failure: { type: 'CallStatusExpired' } });
  expect(await askers().count(asker.workflowId, 'startChildWorkflowExecutionInitiatedEventAttributes')).toBe(1);
});

test('a monitor that continues as new forgets no asker, and tells each once', async () => {
  const callSid = 'OUT-runs-monitor';
  rig().simulator.addCall(callSid, FOR_EVER);

  const { monitor, answers } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: 250, hold: 0 } });
    const started = [1, 2, 3].map(() => askers().start('ask', [{ callSid }]));
    const waiting = await Promise.all(started);
    await untilAsked(monitor, 3);
    await untilSecondRun(monitor.workflowId);
    rig().simulator.addCall(callSid, SUCCESS);
    const answers = [];
    for (const asker of waiting) answers.push({ asker, result: await asker.result() });
    return { monitor, answers };
  });

  for (const { asker, result } of answers) {
    expect(result).toEqual(answers[0]!.result);
    expect(await askers().count(asker.workflowId, 'activityTaskScheduledEventAttributes')).toBe(0);
    expect(await askers().count(asker.workflowId, 'workflowExecutionSignaledEventAttributes')).toBe(1);
  }
  expect(await askers().count(monitor.workflowId, 'signalExternalWorkflowExecutionInitiatedEventAttributes')).toBe(3);
});

test('askers that come just as the monitor ends, or continues as new, all hear at once', async () => {
  const callSid = 'OUT-runs-storm';
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: 3_000 });
  const { workflowId } = getMonitor(rig().client, callSid);

  rig().remember(workflowId);

  const { waiting, results } = await whileWorking(async () => {
    const waiting = [];
    for (let asked = 0; asked < 40; asked += 1) {
      waiting.push(await askers().start('ask', [{ callSid, polling }]));
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    const results = await Promise.all(waiting.map((asker) => asker.result()));
    return { waiting, results };
  });

  for (const result of results) expect(result).toEqual(results[0]);
  expect(results[0]).toMatchObject({ status: 'success', polls: rig().simulator.requestsFor(callSid).length });
  for (const asker of waiting) {
    expect(await askers().count(asker.workflowId, 'timerFiredEventAttributes')).toBe(0);
  }
});

test('an asker that has closed, and signals that make no sense, harm neither monitor nor asker', async () => {
  const callSid = 'OUT-runs-nonsense';
  rig().simulator.addCall(callSid, FOR_EVER);

  const { monitor, monitored, result } = await whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    const handle = rig().client.workflow.getHandle(monitor.workflowId);
    for (const args of [[], [null], ['asker'], [{ workflowId: 7 }], [{ workflowId: '' }]]) {
      await handle.signal('notifyWhenEnded', ...args);
    }
    await handle.signal('notifyWhenEnded', { workflowId: 'never-there' });
    const asker = await askers().start('ask', [{ callSid }]);
    await untilAsked(monitor, 7);
    for (const args of [[], [null], [{ callSid }], [{ result: { callSid } }]]) {
      await rig()
        .client.workflow.getHandle(asker.workflowId)
        .signal('polyAiCallEnded', ...args);
    }
    rig().simulator.addCall(callSid, SUCCESS);
    return { monitor, monitored: await monitor.result(), result: await asker.result() };
  });

  expect(result).toEqual(monitored);
  expect(await askers().count(monitor.workflowId, 'signalExternalWorkflowExecutionInitiatedEventAttributes')).toBe(2);
  expect(await askers().count(monitor.workflowId, 'signalExternalWorkflowExecutionFailedEventAttributes')).toBe(1);
});

test('a monitor that the server no longer keeps is started again', async () => {
  const callSid = 'OUT-runs-deleted';
  rig().simulator.addCall(callSid, SUCCESS);
  const polyAi = new PolyAiClient({ baseUrl: rig().simulator.url, token: rig().simulator.token });
  const { readMonitor, ...activities } = createActivities({ polyAi });
  const { client } = rig();
  const readings: string[] = [];
  const forgetful = await Worker.create({
    ...{ connection: rig().nativeConnection, namespace: rig().server.namespace, taskQueue: 'forgetful' },
    workflowBundle: askers().workflowBundle,
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
      return await (await askers().start('ask', [{ callSid }, { taskQueue: 'forgetful' }])).result();
    }),
  );
  await polyAi.close();

  // More than once, where the server still refuses to start what it has just deleted.
  expect(new Set(readings)).toEqual(new Set(['absent']));
  expect(result.status).toBe('success');
  expect(rig().simulator.requestsFor(callSid)).toHaveLength(2);

  async function deleteMonitor(sid: string): Promise<void> {
    const execution = { workflowId: `outbound-call-${sid}` };
    const { namespace } = client.options;
    await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: execution });
    await eventually('its deletion', async () =>
      client.workflowService.describeWorkflowExecution({ namespace, execution }).then(
        () => undefined,
        () => true,
      ),
    );
  }
});

function startOf(callSid: string) {
  return { workflowId: `outbound-call-${callSid}`, taskQueue: 'polyai-outbound-calls', args: [{ callSid }] };
}
