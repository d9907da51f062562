import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { expect, inject, onTestFinished, test, vi } from 'vitest';

import { awaitCallOutcome, getMonitor, monitorFailureOf } from '../../../src/client.js';
import { startDevServer } from '../../../src/playground/temporal-server.js';
import { useSubscriberRig } from '../../support/subscriber-rig.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { fetchRuns } from '../../support/replay.js';
import { READY_TIMEOUT_MS } from '../../support/shared-dev-server.js';
import { WorkerProcess } from '../../support/worker-process.js';
import type { Answer, ask, askAcrossRuns } from '../../support/workflows/subscribers.js';

const rig = useDevServerRig({ searchAttributes: false });
const subscribers = useSubscriberRig(() => ({ client: rig().client, connection: rig().nativeConnection }));

const ENDLESS = { queuedMs: 0, callingMs: Infinity };
const SUCCESS = { statuses: [{ status: 'success' }] };
const polling = { interval: 250 };

/** Ten that ask at the same time, backends and parents by turns. */
function tenAsk(callSid: string): Promise<unknown>[] {
  return Array.from({ length: 10 }, async (_, index) => {
    if (index % 2 === 0) return await awaitCallOutcome(rig().client, { callSid, polling });
    const parent: WorkflowHandle<typeof ask> = await subscribers().start('ask', [{ callSid, polling }]);
    return await parent.result();
  });
}

/** Runs a worker for the monitors and one for the subscribers until `work` is done. */
async function whileAllWork<T>(work: () => Promise<T>): Promise<T> {
  return await rig().whileWorking(() => subscribers().whileWorking(work));
}

/** Every run that the server has of the call's monitor. */
async function runsOf(callSid: string): Promise<string[]> {
  const runs: string[] = [];
  const { workflowId } = getMonitor(rig().client, callSid);
  for await (const { runId } of rig().client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) runs.push(runId);
  return runs;
}

async function expectOneRun(callSid: string): Promise<void> {
  const { runId } = await rig().client.workflow.getHandle(getMonitor(rig().client, callSid).workflowId).describe();
  await eventually('the run in the list', async () => ((await runsOf(callSid)).length > 0 ? true : undefined));
  expect(await runsOf(callSid)).toEqual([runId]);
}

test('ten backends and parent workflows start one call at once: one monitor, ten equal results', async () => {
  const callSid = 'OUT-ten-race';
  rig().simulator.addCall(callSid, { queuedMs: 500, callingMs: 4_000, outcome: 'failure', reason: 'busy' });
  rig().remember(`outbound-call-${callSid}`);

  const answers = await whileAllWork(() => Promise.all(tenAsk(callSid)));

  expect(answers).toHaveLength(10);
  expect(answers[0]).toMatchObject({ callSid, status: 'failure', reason: 'busy' });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(rig().simulator.requestsFor(callSid)).toHaveLength((answers[0] as { polls: number }).polls);
  await expectOneRun(callSid);
});

test('ten that start a call after its monitor has completed get its result, and start nothing', async () => {
  const callSid = 'OUT-ten-after';
  rig().simulator.addCall(callSid, { queuedMs: 300, callingMs: 500 });

  const { first, answers } = await whileAllWork(async () => {
    const first = await (await subscribers().start('ask', [{ callSid, polling }])).result();
    return { first, answers: await Promise.all(tenAsk(callSid)) };
  });

  for (const answer of answers) expect(answer).toEqual(first);
  expect(rig().simulator.requestsFor(callSid)).toHaveLength(first.polls);
  await expectOneRun(callSid);
});

test('five parents continue as new in between, while five backends wait: one monitor, ten equal results', async () => {
  const callSid = 'OUT-ten-runs';
  rig().simulator.addCall(callSid, ENDLESS);

  const { parents, answers } = await whileAllWork(async () => {
    const parents: WorkflowHandle<typeof askAcrossRuns>[] = [];
    for (const pauses of [false, false, false, true, true]) {
      parents.push(await subscribers().start('askAcrossRuns', [{ callSid, polling }, pauses]));
    }
    const backends = Array.from({ length: 5 }, () => awaitCallOutcome(rig().client, { callSid, polling }));
    await eventually('the monitor', () => (rig().simulator.requestsFor(callSid).length > 0 ? true : undefined));
    await subscribers().untilSubscribed(callSid, 4);
    for (const parent of parents) await parent.signal('goOn');
    await subscribers().untilSubscribed(callSid, 4 + 3);
    rig().simulator.addCall(callSid, SUCCESS);
    const told = await Promise.all(backends);
    for (const parent of parents.slice(3)) await parent.signal('goOn');
    const heard: Answer[] = await Promise.all(parents.map((parent) => parent.result()));
    return { parents, answers: [...told, ...heard.map((answer) => 'result' in answer && answer.result)] };
  });

  expect(answers).toHaveLength(10);
  expect(answers[0]).toMatchObject({ callSid, status: 'success' });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  for (const { workflowId } of parents) expect(await fetchRuns(rig().client, workflowId)).toHaveLength(2);
  await expectOneRun(callSid);
});

test('a worker that is replaced while ten wait only delays them', async () => {
  const callSid = 'OUT-ten-killed';
  rig().simulator.addCall(callSid, ENDLESS);
  const first = new WorkerProcess(rig().workerEnvironment());

  const answers = await subscribers().whileWorking(async () => {
    const waiting = Promise.all(tenAsk(callSid));
    await subscribers().untilSubscribed(callSid, 4);
    await first.end('SIGTERM');
    rig().simulator.addCall(callSid, SUCCESS);
    return await rig().whileWorking(() => waiting);
  });

  for (const answer of answers) expect(answer).toEqual(answers[0]);
  await expectOneRun(callSid);
});

test('an abort ends the request at once with the reason of the signal, and the monitor goes on', async () => {
  const callSid = 'OUT-backend-leaves';
  const controller = new AbortController();
  const waits = vi.spyOn(rig().client.workflowService, 'getWorkflowExecutionHistory');
  onTestFinished(() => void vi.restoreAllMocks());

  const waiting = awaitCallOutcome(rig().client, { callSid }, { signal: controller.signal });
  const leaving = expect(waiting).rejects.toThrow('shutting down');
  await eventually('the long poll', () => (waits.mock.calls.length > 0 ? true : undefined));
  controller.abort(new Error('shutting down'));
  await leaving;

  await expect(awaitCallOutcome(rig().client, { callSid }, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  const { workflowId } = getMonitor(rig().client, callSid);
  expect((await rig().client.workflow.getHandle(workflowId).describe()).status.name).toBe('RUNNING');
  await rig().client.workflow.getHandle(workflowId).terminate();
});

test('a backend learns why a monitor failed, and how it was stopped', async () => {
  const callSid = 'OUT-backend-none';
  const waiting = awaitCallOutcome(rig().client, { callSid: 'OUT-backend-stopped' });
  const stopped = expect(waiting).rejects.toMatchObject({ type: 'MonitorEnded', details: [{ state: 'TERMINATED' }] });
  const { workflowId } = getMonitor(rig().client, 'OUT-backend-stopped');
  const handle = rig().client.workflow.getHandle(workflowId);
  await eventually('the monitor', () =>
    handle.terminate('enough').then(
      () => true,
      () => undefined,
    ),
  );
  await stopped;

  const error = await rig().whileWorking(() =>
    awaitCallOutcome(rig().client, { callSid }).catch((reason: unknown) => reason),
  );
  expect(monitorFailureOf(error)).toMatchObject({ type: 'CallNotFound', details: { callSid, polls: 1 } });
  await expect(awaitCallOutcome(rig().client, { callSid: '+1415' })).rejects.toThrow(TypeError);
  const nowhere = new Client({ connection: rig().client.connection, namespace: 'nowhere' });
  await expect(awaitCallOutcome(nowhere, { callSid })).rejects.toThrow(/nowhere/);
});

test('backends that wait or start while the server is unreachable get the outcome after its return', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'await-call-outcome-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const options = {
    executablePath: inject('temporalCliPath'),
    ui: false,
    dbFilename: join(folder, 'temporal.db'),
    readyTimeoutMs: READY_TIMEOUT_MS,
  };
  const before = await startDevServer(options);
  // Gives up at the first refusal, where the SDK's own interceptors would hide a short absence.
  const connection = await Connection.connect({ address: before.address, interceptors: [] });
  onTestFinished(() => connection.close());
  const client = new Client({ connection, namespace: before.namespace });

  const waiting = awaitCallOutcome(client, { callSid: 'OUT-1' });
  const heard = expect(waiting).rejects.toMatchObject({ type: 'MonitorEnded' });
  await eventually('the monitor', () =>
    client.workflow
      .getHandle('outbound-call-OUT-1')
      .describe()
      .then(
        () => true,
        () => undefined,
      ),
  );
  await before.stop();
  const coming = awaitCallOutcome(client, { callSid: 'OUT-2' });
  const alsoHeard = expect(coming).rejects.toMatchObject({ type: 'MonitorEnded' });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const after = await startDevServer({ ...options, port: Number(before.address.split(':')[1]) });
  onTestFinished(() => after.stop());
  for (const callSid of ['OUT-1', 'OUT-2']) {
    const handle = client.workflow.getHandle(`outbound-call-${callSid}`);
    await eventually(`the end of ${callSid}`, () =>
      handle.terminate('enough').then(
        () => true,
        () => undefined,
      ),
    );
  }

  await heard;
  await alsoHeard;
});
