import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { execa } from 'execa';
import { expect, inject, test } from 'vitest';

import { createActivities } from '../../../src/activities.js';
import { monitorFailureOf, startMonitor } from '../../../src/client.js';
import { DEFAULT_TASK_QUEUE, PolyAiClient } from '../../../src/index.js';
import { useDevServerRig } from '../../support/dev-server-rig.js';

const rig = useDevServerRig();

const QUICK = { queuedMs: 400, callingMs: 600 };
const SUCCESS = { statuses: [{ status: 'success' }] };
const polling = { interval: 300 };

test('a workflow started by the bare temporal command returns the result of the contract', async () => {
  const callSid = 'OUT-bare';
  rig().simulator.addCall(callSid, { ...QUICK, outcome: 'failure', reason: 'busy' });
  rig().remember('bare');
  const { address, namespace } = rig().server;

  const { stdout } = await rig().whileWorking(() =>
    execa(inject('temporalCliPath'), [
      ...['workflow', 'execute', '--address', address, '--namespace', namespace, '--output', 'json'],
      ...['--type', 'monitorOutboundCall', '--task-queue', 'polyai-outbound-calls', '--workflow-id', 'bare'],
      ...['--input', JSON.stringify({ callSid })],
    ]),
  );

  const { result } = JSON.parse(stdout) as { result: Record<string, unknown> };
  expect(Object.keys(result).sort()).toEqual(['callSid', 'finishedAt', 'polls', 'reason', 'status', 'timeline']);
  expect(result).toMatchObject({ callSid, status: 'failure', reason: 'busy' });
  expect(result['finishedAt']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('a parent workflow gets the results of monitors that it starts as children', async () => {
  const callSids = ['OUT-child-1', 'OUT-child-2'];
  for (const callSid of callSids) rig().simulator.addCall(callSid, QUICK);
  const polyAi = new PolyAiClient({ baseUrl: rig().simulator.url, token: rig().simulator.token });
  const worker = await Worker.create({
    connection: rig().nativeConnection,
    namespace: rig().server.namespace,
    taskQueue: 'campaign',
    workflowBundle: { codePath: inject('callerBundlePath') },
    activities: createActivities({ polyAi }),
  });

  const results: unknown = await worker.runUntil(
    rig().client.workflow.execute('monitorAsChildren', {
      workflowId: 'parent',
      taskQueue: 'campaign',
      args: [callSids],
    }),
  );

  expect(results).toMatchObject(callSids.map((callSid) => ({ callSid, status: 'success' })));
  callSids.forEach((callSid) => rig().remember(`outbound-call-${callSid}`));
  await polyAi.close();
});

test('ten starters of one call share one monitor and get equal results, and so does one that comes afterwards', async () => {
  const callSid = 'OUT-shared';
  rig().simulator.addCall(callSid, QUICK);

  const results = await rig().whileWorking(async () => {
    const monitors = await Promise.all(Array.from({ length: 10 }, () => rig().start({ callSid, polling })));
    const early = await Promise.all(monitors.map((monitor) => monitor.result()));
    return [...early, await (await rig().start({ callSid })).result()];
  });

  expect(results).toHaveLength(11);
  for (const result of results) expect(result).toEqual(results[0]);
  expect(rig().simulator.requestsFor(callSid)).toHaveLength(results[0]!.polls);
});

test('a monitor that failed is started again', async () => {
  const callSid = 'OUT-again';

  const { failure, result } = await rig().whileWorking(async () => {
    const first = await rig().start({ callSid });
    const failure = monitorFailureOf(await first.result().catch((error: unknown) => error));
    rig().simulator.addCall(callSid, SUCCESS);
    return { failure, result: await (await rig().start({ callSid })).result() };
  });

  expect(failure).toMatchObject({ type: 'CallNotFound', details: { callSid, polls: 1 } });
  expect(result.status).toBe('success');
});

test('following a monitor yields what is known of it up to the end', async () => {
  const callSid = 'OUT-follow';
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });
  const seen: string[] = [];

  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling });
    for await (const { state, progress } of monitor.follow({ everyMs: 50 })) {
      seen.push(`${state} ${progress?.phase} ${progress?.lastObservation?.status}`);
      if (seen.includes('RUNNING holding calling')) rig().simulator.addCall(callSid, SUCCESS);
    }
  });

  expect(seen).toContain('RUNNING holding calling');
  expect(seen.at(-1)).toBe('COMPLETED finished success');
});

test('a start tells whether it started the monitor, and passes on what the user adds to it', async () => {
  const callSid = 'OUT-with-options';
  rig().simulator.addCall(callSid, QUICK);
  const { client } = rig();
  const typedSearchAttributes = [
    { key: defineSearchAttributeKey('PolyAiCallStatus', SearchAttributeType.KEYWORD), value: 'ordered' },
  ];
  const options = { memo: { order: 7 }, typedSearchAttributes, priority: { priorityKey: 2 }, startDelay: '1s' };

  await rig().whileWorking(async () => {
    const first = await startMonitor(client, { callSid, polling }, options);
    const second = await startMonitor(client, { callSid, polling }, options);
    const delayed = await client.workflow.getHandle(first.workflowId).describe();
    await first.result();
    const third = await startMonitor(client, { callSid, polling });

    expect([first.isNew, second.isNew, third.isNew]).toEqual([true, false, false]);
    expect(delayed).toMatchObject({ memo: { order: 7, callSid }, priority: { priorityKey: 2 } });
    expect(delayed.typedSearchAttributes.get(typedSearchAttributes[0]!.key)).toBe('ordered');
    const [requested] = rig().simulator.requestsFor(callSid);
    expect(requested!.at).toBeGreaterThanOrEqual(delayed.startTime.getTime() + 1_000);
  });
  rig().remember(`outbound-call-${callSid}`);
});

test('a start delay counts against the grace of an unknown call and against the deadline', async () => {
  const [unknown, endless] = ['OUT-delayed-unknown', 'OUT-delayed-endless'];
  rig().simulator.addCall(endless, { queuedMs: 0, callingMs: Infinity });
  const { client } = rig();
  const options = { startDelay: '3s' };

  const failures = await rig().whileWorking(async () => {
    const monitors = [
      await startMonitor(client, { callSid: unknown, polling, notFoundGrace: '2s' }, options),
      await startMonitor(client, { callSid: endless, polling, deadline: '2s' }, options),
    ];
    for (const { workflowId } of monitors) rig().remember(workflowId);
    return await Promise.all(monitors.map((monitor) => monitor.result().catch(monitorFailureOf)));
  });

  // Both were over at the first poll.
  expect(failures).toMatchObject([
    { type: 'CallNotFound', details: { polls: 1 } },
    { type: 'MonitorDeadlineExceeded', details: { polls: 1 } },
  ]);
});

test('a malformed call SID starts nothing', async () => {
  await expect(startMonitor(rig().client, { callSid: '+14155552671' })).rejects.toThrow(/starts with "OUT-"/);
});

test('the default task queue is the one of the contract', () => {
  expect(DEFAULT_TASK_QUEUE).toBe('polyai-outbound-calls');
});
