import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

import { createActivities } from '../../../src/activities.js';
import { getMonitor, monitorFailureOf } from '../../../src/client.js';
import { DEFAULT_TASK_QUEUE, type MonitorOutboundCallInput, PolyAiClient } from '../../../src/index.js';
import type { MonitorOutboundCallResult } from '../../../src/nexus.js';
import { createNexusServiceHandler } from '../../../src/nexus-handler.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import type { abandonViaNexus, callViaNexus } from '../../support/workflows/nexus-caller.js';

const ENDPOINT = 'outbound-calls';
const CALLER_QUEUE = 'other-team';
const QUICK = { queuedMs: 300, callingMs: 700 };
const ENDLESS = { queuedMs: 0, callingMs: Infinity };
const SUCCESS = { statuses: [{ status: 'success' }] };
const polling = { interval: 250 };

const rig = useDevServerRig({ searchAttributes: false });
let polyAi: PolyAiClient;
let workers: Worker[];
let running: Promise<unknown>;

beforeAll(async () => {
  const { client, nativeConnection, server, simulator } = rig();
  const { namespace } = server;
  polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
  await client.connection.operatorService.createNexusEndpoint({
    spec: { name: ENDPOINT, target: { worker: { namespace, taskQueue: DEFAULT_TASK_QUEUE } } },
  });
  const shared = { connection: nativeConnection, namespace };
  workers = [
    await Worker.create({
      ...shared,
      taskQueue: DEFAULT_TASK_QUEUE,
      workflowBundle: { codePath: inject('workflowBundlePath') },
      activities: createActivities({ polyAi }),
      nexusServices: [createNexusServiceHandler()],
    }),
    await Worker.create({
      ...shared,
      taskQueue: CALLER_QUEUE,
      workflowBundle: { codePath: inject('callerBundlePath') },
    }),
  ];
  running = Promise.all(workers.map((worker) => worker.run()));
});

afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await running;
  await polyAi.close();
});

async function call(input: Partial<MonitorOutboundCallInput>): Promise<WorkflowHandle<typeof callViaNexus>> {
  const workflowId = `caller-${randomUUID()}`;
  const args: Parameters<typeof callViaNexus> = [ENDPOINT, input as MonitorOutboundCallInput];
  if (input.callSid?.startsWith('OUT-')) rig().remember(getMonitor(rig().client, input.callSid).workflowId);
  return await rig().client.workflow.start<typeof callViaNexus>('callViaNexus', {
    ...{ workflowId, taskQueue: CALLER_QUEUE, args },
  });
}

/** Waits until the operation of a caller has started, or joined, the monitor. */
async function untilStarted(caller: WorkflowHandle<typeof callViaNexus>): Promise<void> {
  await untilEvent(caller, 'nexusOperationStartedEventAttributes');
}

async function untilEvent(
  caller: WorkflowHandle<typeof callViaNexus>,
  kind: 'nexusOperationStartedEventAttributes' | 'nexusOperationCancelRequestedEventAttributes',
): Promise<void> {
  await eventually(kind, async () => {
    const { events } = await caller.fetchHistory();
    return events?.find((event) => event[kind]);
  });
}

async function failureOf(caller: WorkflowHandle<typeof callViaNexus>) {
  const error: unknown = await caller.result().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return monitorFailureOf(error);
}

async function runIdsOf(callSid: string): Promise<string> {
  return (await rig().client.workflow.getHandle(`outbound-call-${callSid}`).describe()).runId;
}

test('an operation starts the monitor, and has its result', async () => {
  rig().simulator.addCall('OUT-nexus', QUICK);
  const result = await (await call({ callSid: 'OUT-nexus', polling })).result();

  expect(result).toMatchObject({ callSid: 'OUT-nexus', status: 'success' });
  expect(result).toEqual(await getMonitor(rig().client, 'OUT-nexus').result());
});

test('operations join the monitor that runs, whoever started it, and each has the result', async () => {
  rig().simulator.addCall('OUT-join', ENDLESS);
  const monitor = await rig().start({ callSid: 'OUT-join', polling });
  const runId = await runIdsOf('OUT-join');
  const callers = await Promise.all([call({ callSid: 'OUT-join' }), call({ callSid: 'OUT-join' })]);

  for (const caller of callers) await untilStarted(caller);
  rig().simulator.addCall('OUT-join', SUCCESS);
  const results: MonitorOutboundCallResult[] = await Promise.all(callers.map((caller) => caller.result()));

  expect(results).toEqual([await monitor.result(), await monitor.result()]);
  expect(await runIdsOf('OUT-join')).toBe(runId);
});

test('an operation for a call whose monitor has completed has its result at once, and starts no other', async () => {
  rig().simulator.addCall('OUT-after', QUICK);
  const monitor = await rig().start({ callSid: 'OUT-after', polling });
  const before = await monitor.result();
  const runId = await runIdsOf('OUT-after');

  expect(await (await call({ callSid: 'OUT-after' })).result()).toEqual(before);
  expect(await runIdsOf('OUT-after')).toBe(runId);
});

test('the failure of the monitor is that of the operation: type, message and details', async () => {
  const failure = await failureOf(await call({ callSid: 'OUT-nobody' }));

  expect(failure).toMatchObject({ type: 'CallNotFound', details: { callSid: 'OUT-nobody', polls: 1 } });
});

test('a failed monitor is started again', async () => {
  await failureOf(await call({ callSid: 'OUT-again' }));
  rig().simulator.addCall('OUT-again', QUICK);

  expect(await (await call({ callSid: 'OUT-again', polling })).result()).toMatchObject({ status: 'success' });
});

test('a malformed call SID fails the operation, and starts nothing', async () => {
  expect((await failureOf(await call({ callSid: 'IN-1' })))?.type).toBe('InvalidCallSid');
  expect((await failureOf(await call({})))?.type).toBe('InvalidInput');
});

test('a caller that is cancelled leaves the monitor to others', async () => {
  rig().simulator.addCall('OUT-left', ENDLESS);
  rig().remember('outbound-call-OUT-left');
  const caller = await rig().client.workflow.start<typeof abandonViaNexus>('abandonViaNexus', {
    ...{ workflowId: 'abandon', taskQueue: CALLER_QUEUE, args: [ENDPOINT, { callSid: 'OUT-left', polling }] },
  });
  const waiting = await call({ callSid: 'OUT-left' });
  await untilStarted(waiting);
  await caller.cancel();
  await waiting.cancel();

  expect(await caller.result()).toBe('abandoned');
  await untilEvent(waiting, 'nexusOperationCancelRequestedEventAttributes');
  rig().simulator.addCall('OUT-left', SUCCESS);
  // With the default cancellation type the operation is awaited all the same.
  expect(await waiting.result()).toMatchObject({ status: 'success' });
  expect(await getMonitor(rig().client, 'OUT-left').result()).toMatchObject({ status: 'success' });
});
