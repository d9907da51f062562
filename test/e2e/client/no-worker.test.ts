import { expect, onTestFinished, test, vi } from 'vitest';

import { awaitCallOutcome, awaitMonitors, type NoWorkerError, startMonitor } from '../../../src/client.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';

const rig = useDevServerRig({ searchAttributes: false });

const SUCCESS = { statuses: [{ status: 'success' }] };
const unserved = () => ({ code: 'NO_WORKER', taskQueue: 'nobody', namespace: rig().server.namespace });

test('awaiting a call on a task queue that nobody polls tells so, and the caller may give up', async () => {
  const ended = new AbortController();
  const onNoWorker = (problem: NoWorkerError): void => ended.abort(problem);
  const options = { taskQueue: 'nobody', signal: ended.signal, onNoWorker };

  const waiting = awaitCallOutcome(rig().client, { callSid: 'OUT-nobody' }, options);

  await expect(waiting).rejects.toMatchObject(unserved());
  await expect(waiting).rejects.toThrow(
    `no worker polls the task queue "nobody" in namespace "${rig().server.namespace}"`,
  );
});

test('one that attaches to such a monitor hears of the task queue of that monitor', async () => {
  await startMonitor(rig().client, { callSid: 'OUT-nobody-attached' }, { taskQueue: 'nobody' });
  const ended = new AbortController();
  const onNoWorker = (problem: NoWorkerError): void => ended.abort(problem);

  const waiting = awaitCallOutcome(
    rig().client,
    { callSid: 'OUT-nobody-attached' },
    { signal: ended.signal, onNoWorker },
  );

  await expect(waiting).rejects.toMatchObject(unserved());
});

test('without a callback the process is warned once, and the waits go on', async () => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
  onTestFinished(() => emitWarning.mockRestore());
  const pollers = vi.spyOn(rig().client.workflowService, 'describeTaskQueue');
  onTestFinished(() => pollers.mockRestore());
  const ended = new AbortController();
  const callSids = ['OUT-nobody-1', 'OUT-nobody-2'];
  let settled = 0;

  const waiting = callSids.map((callSid) =>
    awaitCallOutcome(rig().client, { callSid }, { taskQueue: 'nobody', signal: ended.signal }).finally(
      () => (settled += 1),
    ),
  );
  await eventually('both to have looked for a worker', () =>
    pollers.mock.settledResults.length > 1 ? true : undefined,
  );
  await eventually('the warning', () => (emitWarning.mock.calls.length > 0 ? true : undefined));
  expect(settled).toBe(0);
  ended.abort(new Error('enough'));

  for (const result of await Promise.allSettled(waiting))
    expect(result).toMatchObject({ reason: { message: 'enough' } });
  expect(emitWarning.mock.calls).toEqual([
    [expect.stringContaining('"nobody"'), { type: 'NoWorkerWarning', code: 'NO_WORKER' }],
  ]);
});

test('awaiting many monitors tells of their task queue once, and yields none of them', async () => {
  const { client } = rig();
  const callSids = ['OUT-many-1', 'OUT-many-2', 'OUT-many-3'];
  for (const callSid of callSids) await startMonitor(client, { callSid }, { taskQueue: 'nobody' });
  const reads = vi.spyOn(client.workflowService, 'describeWorkflowExecution');
  onTestFinished(() => reads.mockRestore());
  const ended = new AbortController();
  const problems: NoWorkerError[] = [];
  const onNoWorker = (problem: NoWorkerError): void => void problems.push(problem);
  const yielded: string[] = [];

  const watching = (async () => {
    for await (const { callSid } of awaitMonitors(client, callSids, { signal: ended.signal, onNoWorker }))
      yielded.push(callSid);
  })();
  await eventually('the problem', () => problems[0]);
  expect(reads.mock.settledResults.length).toBeGreaterThanOrEqual(callSids.length);
  ended.abort();
  await watching;

  expect(problems).toMatchObject([unserved()]);
  expect(yielded).toEqual([]);
});

test('a description says that no worker polls the task queue, and does not while one does', async () => {
  const monitor = await startMonitor(rig().client, { callSid: 'OUT-nobody-described' }, { taskQueue: 'nobody' });
  expect(await monitor.describe({ workerTimeoutMs: 300 })).toMatchObject({ state: 'RUNNING', noWorker: true });

  rig().simulator.addCall('OUT-somebody', { queuedMs: 0, callingMs: Infinity });
  await rig().whileWorking(async () => {
    const served = await rig().start({ callSid: 'OUT-somebody' });
    await eventually('its first poll', () => rig().simulator.requestsFor('OUT-somebody')[0]);
    // A query that is too short for an answer has the pollers looked up.
    const unanswered = await served.describe({ workerTimeoutMs: 1 });
    expect(unanswered).toMatchObject({ state: 'RUNNING' });
    expect(unanswered).not.toHaveProperty('progress');
    expect(unanswered).not.toHaveProperty('noWorker');
    rig().simulator.addCall('OUT-somebody', SUCCESS);
    await served.result();
  });
});
