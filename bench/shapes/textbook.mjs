import { getMonitor, startMonitor } from '../../dist/client/index.js';
import { actionsOf } from '../billing.mjs';
import { forkChild } from '../child.mjs';
import { openTemporal } from '../temporal.mjs';

/** The server refuses clients that hold very many long polls. */
const MAX_WAITERS = 100;
const TERMINATED_AT_A_TIME = 20;

/** @type {import('./shape.mjs').Shape} */
export const textbook = {
  name: 'textbook',
  about: 'this package: one `getStatus` activity for each poll, a durable sleep between two',
  async start({ env, folder, runId, intervalMs, serverPids }) {
    const server = await openTemporal(folder, serverPids);
    const { client, until } = server;
    const taskQueue = `bench-${runId}`;
    const emptyTaskQueue = `bench-empty-${runId}`;
    const worker = forkChild('worker', { ...env, ...server.env, POLYAI_TASK_QUEUE: taskQueue });
    /** @type {import('../child.mjs').Child | undefined} */
    let emptyWorker;
    let lastEmpty = 0;

    return {
      workerPids: [worker.pid],
      serverPids: server.pids,
      failed: worker.failed,
      maxWaiters: MAX_WAITERS,
      begin: (callSid) =>
        until(() => startMonitor(client, { callSid, polling: { interval: intervalMs } }, { taskQueue })),
      result: (callSid) => until(() => getMonitor(client, callSid).result()),
      async closedAt(callSid) {
        const { closeTime } = await client.workflow.getHandle(getMonitor(client, callSid).workflowId).describe();
        return closeTime?.getTime();
      },
      async cost(callSid) {
        const { workflowId } = getMonitor(client, callSid);
        const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
        return { events: events?.length ?? 0, actions: actionsOf(events ?? []) };
      },
      runEmpty() {
        emptyWorker ??= forkChild('empty-worker', { ...server.env, BENCH_TASK_QUEUE: emptyTaskQueue });
        const workflowId = `bench-empty-${runId}-${++lastEmpty}`;
        return client.workflow.execute('empty', { workflowId, taskQueue: emptyTaskQueue });
      },
      async stop(unfinished) {
        if (!server.isOurs) await terminate(client, unfinished);
        await Promise.all([worker.end(), emptyWorker?.end()]);
        await server.stop();
      },
    };
  },
};

/** @param {import('@temporalio/client').Client} client @param {readonly string[]} callSids */
async function terminate(client, callSids) {
  const left = [...callSids];
  const terminateNext = async () => {
    for (let callSid = left.pop(); callSid !== undefined; callSid = left.pop()) {
      const { workflowId } = getMonitor(client, callSid);
      // It may have ended by now, or never have been started.
      await client.workflow
        .getHandle(workflowId)
        .terminate('the benchmark is over')
        .catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: TERMINATED_AT_A_TIME }, terminateNext));
}
