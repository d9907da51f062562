import { expect, test, vi } from 'vitest';

import { awaitCallOutcome, awaitMonitors, type NoWorkerError, startMonitor } from '../../../src/client.js';
import { useDevServerRig } from '../../support/dev-server-rig.js';

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

test('without a callback the process is warned once, and the wait goes on', async () => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
  const ended = new AbortController();
  const callSids = ['OUT-nobody-1', 'OUT-nobody-2'];

  const waiting = callSids.map((callSid) =>
    awaitCallOutcome(rig().client, { callSid }, { taskQueue: 'nobody', signal: ended.signal }),
  );
  await vi.waitUntil(() => emitWarning.mock.calls.length > 0, { timeout: 30_000 });
  ended.abort(new Error('enough'));

  for (const result of await Promise.allSettled(waiting))
    expect(result).toMatchObject({ reason: { message: 'enough' } });
  expect(emitWarning.mock.calls).toEqual([
    [expect.stringContaining('"nobody"'), { type: 'NoWorkerWarning', code: 'NO_WORKER' }],
  ]);
  emitWarning.mockRestore();
});

test('awaiting many monitors tells of each such task queue once', async () => {
  const { client } = rig();
  const callSids = ['OUT-many-1', 'OUT-many-2', 'OUT-many-3'];
  for (const callSid of callSids) await startMonitor(client, { callSid }, { taskQueue: 'nobody' });
  const ended = new AbortController();
  const problems: NoWorkerError[] = [];
  const onNoWorker = (problem: NoWorkerError): void => {
    problems.push(problem);
    ended.abort();
  };

  for await (const settled of awaitMonitors(client, callSids, { signal: ended.signal, onNoWorker })) {
    expect.unreachable(`${settled.callSid} has no worker`);
  }

  expect(problems).toMatchObject([unserved()]);
});

test('a description says that no worker polls the task queue, and does not while one does', async () => {
  const monitor = await startMonitor(rig().client, { callSid: 'OUT-nobody-described' }, { taskQueue: 'nobody' });
  expect(await monitor.describe({ workerTimeoutMs: 300 })).toMatchObject({ state: 'RUNNING', noWorker: true });

  rig().simulator.addCall('OUT-somebody', SUCCESS);
  await rig().whileWorking(async () => {
    const served = await rig().start({ callSid: 'OUT-somebody' });
    await served.result();
    expect(await served.describe()).not.toHaveProperty('noWorker');
  });
});
