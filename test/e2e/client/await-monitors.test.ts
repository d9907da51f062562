import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { expect, onTestFinished, test, vi } from 'vitest';

import {
  awaitMonitors,
  type AwaitMonitorsOptions,
  getMonitor,
  monitorFailureOf,
  type SettledMonitor,
  startMonitor,
} from '../../../src/client.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { TimeSkippingRig } from '../../support/time-skipping-rig.js';

/** Long polls that the server allows a namespace, here instead of 1,200. */
const LONG_POLLS = 15;
const CALLS = 40;

const rig = useDevServerRig({
  extraArgs: [
    ...['--dynamic-config-value', `frontend.namespaceCount=${LONG_POLLS}`],
    ...['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60'],
  ],
});

async function outcomesOf(
  callSids: Iterable<string> | AsyncIterable<string>,
  options?: AwaitMonitorsOptions,
): Promise<Map<string, SettledMonitor & { readonly at: number }>> {
  const outcomes = new Map<string, SettledMonitor & { readonly at: number }>();
  for await (const outcome of awaitMonitors(rig().client, callSids, options)) {
    expect(outcomes).not.toContain(outcome.callSid);
    outcomes.set(outcome.callSid, { ...outcome, at: Date.now() });
  }
  return outcomes;
}

/** How late each outcome was, in milliseconds after the server closed the monitor. */
async function latenessOf(outcomes: Awaited<ReturnType<typeof outcomesOf>>): Promise<number[]> {
  const each = [...outcomes.values()].map(async ({ callSid, at }) => {
    const { closedAt } = await getMonitor(rig().client, callSid).describe({ workerTimeoutMs: 0 });
    return at - closedAt!.getTime();
  });
  return (await Promise.all(each)).sort((a, b) => a - b);
}

test('many monitors are awaited on a server that allows fewer long polls', async () => {
  const callSids = Array.from({ length: CALLS }, (_, index) => `OUT-many-${index}`);
  for (const [index, callSid] of callSids.entries()) {
    rig().simulator.addCall(callSid, {
      queuedMs: 0,
      callingMs: 2_000 + index * 60,
      outcome: 'failure',
      reason: callSid,
    });
  }
  for (const callSid of callSids.slice(0, 5)) rig().remember(`outbound-call-${callSid}`);
  const reads = vi.spyOn(rig().client.workflowService, 'getWorkflowExecutionHistory');
  const looks = vi.spyOn(rig().client.workflowService, 'describeWorkflowExecution');
  onTestFinished(() => void vi.restoreAllMocks());
  for (const callSid of callSids) await startMonitor(rig().client, { callSid, polling: { interval: 2_000 } });

  await expect(awaitEachByItself(callSids)).rejects.toMatchObject({
    cause: { details: 'namespace concurrent poller limit exceeded' },
  });
  const outcomes = await rig().whileWorking(() => outcomesOf(callSids));

  expect([...outcomes.keys()].sort()).toEqual(callSids.sort());
  for (const [callSid, { result }] of outcomes) expect(result).toMatchObject({ callSid, reason: callSid });
  // Of a closed run each, so that none waits.
  for (const [{ execution }] of reads.mock.calls) expect(execution?.runId).toBeTruthy();
  expect(reads).toHaveBeenCalledTimes(CALLS);
  // At the start, once for each list that begins the following, and once closed.
  expect(looks.mock.calls.length).toBeLessThanOrEqual(3 * CALLS);
  const lateness = await latenessOf(outcomes);
  // A second between two lists, and room for a machine that is ten times slower.
  expect(lateness[CALLS / 2]).toBeLessThan(20_000);
});

/** As one would without `awaitMonitors`. The connection gives up at the first refusal instead of trying for a minute. */
async function awaitEachByItself(callSids: readonly string[]): Promise<void> {
  const connection = await Connection.connect({ address: rig().server.address, interceptors: [] });
  const client = new Client({ connection, namespace: rig().server.namespace });
  try {
    await Promise.all(callSids.map((callSid) => getMonitor(client, callSid).result()));
  } finally {
    await connection.close();
  }
}

test('call SIDs can be added while others are awaited', async () => {
  const callSids = ['OUT-stream-1', 'OUT-stream-2', 'OUT-stream-3'];
  async function* started(): AsyncGenerator<string> {
    for (const callSid of callSids) {
      rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: 500 });
      yield (await rig().start({ callSid, polling: { interval: 300 } })).callSid;
      await eventually('its outcome', () => (arrived.has(callSid) ? true : undefined));
    }
  }
  const arrived = new Set<string>();

  await rig().whileWorking(async () => {
    for await (const { callSid, result } of awaitMonitors(rig().client, started(), { everyMs: 200 })) {
      expect(result?.status).toBe('success');
      arrived.add(callSid);
    }
  });

  expect([...arrived]).toEqual(callSids);
});

test('failed, cancelled, terminated and missing monitors settle with different errors', async () => {
  const [failed, cancelled, terminated, missing] = [
    'OUT-e-failed',
    'OUT-e-cancelled',
    'OUT-e-terminated',
    'OUT-e-none',
  ];
  for (const callSid of [cancelled, terminated]) rig().simulator.addCall(callSid, { callingMs: Infinity });

  const outcomes = await rig().whileWorking(async () => {
    await (await rig().start({ callSid: failed })).result().catch(() => undefined);
    const doomed = await rig().start({ callSid: terminated });
    const leaving = await rig().start({ callSid: cancelled });
    const awaiting = outcomesOf([failed, cancelled, terminated, missing], { everyMs: 200 });
    await rig().client.workflow.getHandle(doomed.workflowId).terminate('enough');
    await leaving.cancel();
    return await awaiting;
  });

  expect(monitorFailureOf(outcomes.get(failed)?.error)).toMatchObject({ type: 'CallNotFound', details: { polls: 1 } });
  for (const callSid of [cancelled, terminated]) {
    expect(outcomes.get(callSid)?.error).toBeInstanceOf(WorkflowFailedError);
  }
  expect(outcomes.get(cancelled)?.error).toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(outcomes.get(terminated)?.error).toMatchObject({ cause: { name: 'TerminatedFailure', message: 'enough' } });
  expect(outcomes.get(missing)?.error).toBeInstanceOf(WorkflowNotFoundError);
});

test('of a monitor that failed and was started again, the later run counts', async () => {
  const callSid = 'OUT-e-again';

  const outcomes = await rig().whileWorking(async () => {
    await (await rig().start({ callSid })).result().catch(() => undefined);
    rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: 2_000 });
    await rig().start({ callSid, polling: { interval: 500 } });
    return await outcomesOf([callSid], { everyMs: 100 });
  });

  expect(outcomes.get(callSid)?.result?.status).toBe('success');
});

test('a monitor that continues as new has not ended', async () => {
  const callSid = 'OUT-e-long';
  rig().simulator.addCall(callSid, { statuses: [{ status: 'calling', forMs: Infinity }] });

  const { outcomes, runs } = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: '5m' } });
    const awaiting = outcomesOf([callSid], { everyMs: 100 });
    const handle = rig().client.workflow.getHandle(monitor.workflowId);
    const first = (await handle.describe()).runId;
    const later = await eventually('the next run', async () => {
      await monitor.nudge();
      const { runId } = await handle.describe();
      return runId === first ? undefined : runId;
    });
    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    await monitor.nudge();
    return { outcomes: await awaiting, runs: [first, later] };
  });

  expect(new Set(runs).size).toBe(2);
  expect(outcomes.get(callSid)?.result?.status).toBe('success');
});

test('an abort ends the iteration at once and leaves no request behind', async () => {
  const callSid = 'OUT-e-endless';
  await rig().start({ callSid });
  const controller = new AbortController();
  const list = vi.spyOn(rig().client.workflowService, 'listWorkflowExecutions');
  // The server lets this one wait while a workflow goes on, even when told not to.
  const waits = vi.spyOn(rig().client.workflowService, 'getWorkflowExecutionHistory');
  onTestFinished(() => void vi.restoreAllMocks());

  const ending = outcomesOf([callSid], { everyMs: 100, signal: controller.signal });
  await eventually('lists', () => (list.mock.calls.length > 2 ? true : undefined));
  const abortedAt = Date.now();
  controller.abort();
  const outcomes = await ending;

  expect(outcomes.size).toBe(0);
  expect(Date.now() - abortedAt).toBeLessThan(10_000);
  const asked = list.mock.calls.length;
  await pause(500);
  expect(waits).not.toHaveBeenCalled();
  expect(list.mock.calls.length).toBe(asked);
  await getMonitor(rig().client, callSid).cancel();
  await rig().whileWorking(() => outcomesOf([callSid]));
});

test('a missing namespace is an error', async () => {
  const client = new Client({ connection: rig().client.connection, namespace: 'nowhere' });
  await expect(awaitMonitors(client, ['OUT-1']).next()).rejects.toThrow(/nowhere/);
});

test('a closed connection is an error', async () => {
  const connection = await Connection.connect({ address: rig().server.address });
  const client = new Client({ connection, namespace: rig().server.namespace });
  await connection.close();
  await expect(awaitMonitors(client, ['OUT-1']).next()).rejects.toThrow();
});

test("outcomes are decoded by the client's own codec, whose errors are yielded", async () => {
  const callSid = 'OUT-e-codec';
  rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
  const decode = vi.fn((payloads: Payload[]) => Promise.resolve(payloads));
  const client = clientWithCodec(decode);

  const [good, bad] = await rig().whileWorking(async () => {
    await rig().start({ callSid });
    const good = await awaitMonitors(client, [callSid]).next();
    decode.mockRejectedValue(new Error('no key'));
    return [good, await awaitMonitors(client, [callSid]).next()];
  });

  expect(good.value?.result?.status).toBe('success');
  expect(bad.value?.error).toMatchObject({ message: 'no key' });
});

function clientWithCodec(decode: PayloadCodec['decode']): Client {
  const codec: PayloadCodec = { encode: (payloads) => Promise.resolve(payloads), decode };
  const { connection, options } = rig().client;
  return new Client({ connection, namespace: options.namespace, dataConverter: { payloadCodecs: [codec] } });
}

test('where the server cannot list workflows, each monitor is read', async () => {
  const skipping = await TimeSkippingRig.start();
  // The rig's own client does not retry, and this server fails some of the reads that coincide with a workflow's progress.
  const connection = await Connection.connect({ address: skipping.env.address });
  onTestFinished(async () => {
    await connection.close();
    await skipping.stop();
  });
  const client = new Client({ connection });
  const callSids = ['OUT-skipping-1', 'OUT-skipping-2'];
  for (const callSid of callSids) skipping.addCall(callSid, { queuedMs: 0, callingMs: 1_000 });

  const outcomes = await skipping.whileWorking(async () => {
    for (const callSid of callSids) await skipping.start({ callSid, polling: { interval: 500 } });
    const outcomes: SettledMonitor[] = [];
    for await (const outcome of awaitMonitors(client, [...callSids, 'OUT-skipping-none'])) {
      outcomes.push(outcome);
    }
    return outcomes;
  });

  // A call takes no real time here, so a completion may be read before the absent monitor.
  const bySid = new Map(outcomes.map((outcome) => [outcome.callSid, outcome]));
  expect(bySid.get('OUT-skipping-none')?.error).toBeInstanceOf(WorkflowNotFoundError);
  expect(callSids.map((callSid) => bySid.get(callSid)?.result?.status)).toEqual(['success', 'success']);
  expect(outcomes).toHaveLength(3);
});
