import { getMonitor, startMonitor } from '../../dist/client/index.js';
import { actionsOf } from '../billing.mjs';
import { forkChild } from '../child.mjs';
import { openTemporal } from '../temporal.mjs';

/** The server refuses clients that hold very many long polls. */
const MAX_WAITERS = 100;
/** Room in the worker for more than the average, and for a start that is slow. */
const SPARE = 1.5;
const LEAST_CALLS_AT_ONCE = 500;
const ASK_TIMEOUT_MS = 10_000;
const TERMINATED_AT_A_TIME = 20;

/**
 * A shape of this package: its worker process as `npm start` runs it, told nothing but how many calls to expect.
 *
 * @param {Pick<import('./shape.mjs').Shape, 'name' | 'about' | 'mostLive'>} description
 * @param {Readonly<Record<string, unknown>>} polling of each monitor, besides the interval
 * @param {string} [outcomesUrl] where outcomes are kept, unless in a file of the run's folder
 * @returns {import('./shape.mjs').Shape}
 */
export function temporalShape(description, polling, outcomesUrl) {
  return { ...description, start: (context) => start(context, polling, outcomesUrl) };
}

/**
 * @param {import('./shape.mjs').ShapeContext} context
 * @param {Readonly<Record<string, unknown>>} polling
 * @param {string} [outcomesUrl]
 * @returns {Promise<import('./shape.mjs').RunningShape>}
 */
async function start({ env, folder, runId, live, intervalMs, foreignServer }, polling, outcomesUrl) {
  const server = await openTemporal(folder, foreignServer);
  const { client, until, heartbeats } = server;
  const taskQueue = `bench-${runId}`;
  const worker = forkChild('worker', {
    ...env,
    ...server.env,
    POLYAI_TASK_QUEUE: taskQueue,
    POLYAI_OUTCOMES_URL: outcomesUrl ?? process.env.POLYAI_OUTCOMES_URL ?? `sqlite:${folder}/outcomes.sqlite`,
    POLYAI_CALLS_AT_ONCE: `${Math.max(LEAST_CALLS_AT_ONCE, Math.ceil(SPARE * live))}`,
  });
  const empty = emptyWorkflows(server, runId);
  return {
    workerPids: [worker.pid],
    serverPids: server.pids,
    failed: worker.failed,
    maxWaiters: MAX_WAITERS,
    begin: (callSid) =>
      until(() => startMonitor(client, { callSid, polling: { interval: intervalMs, ...polling } }, { taskQueue })),
    result: (callSid) => until(() => getMonitor(client, callSid).result()),
    ...readers(client),
    ...(heartbeats && { heartbeats }),
    runEmpty: empty.run,
    async stop(unfinished) {
      if (!server.isOurs) await terminate(client, unfinished);
      await Promise.all([worker.end(), empty.end()]);
      await server.stop();
    },
  };
}

/**
 * What the server knows of a monitor.
 *
 * @param {import('@temporalio/client').Client} client
 * @returns {Required<Pick<import('./shape.mjs').RunningShape, 'closedAt' | 'cost'>>}
 */
function readers(client) {
  const handleOf = (/** @type {string} */ callSid) => client.workflow.getHandle(getMonitor(client, callSid).workflowId);
  return {
    async closedAt(callSid) {
      const { closeTime } = await client.withDeadline(Date.now() + ASK_TIMEOUT_MS, () => handleOf(callSid).describe());
      return closeTime?.getTime();
    },
    async cost(callSid) {
      const { events } = await client.withDeadline(Date.now() + ASK_TIMEOUT_MS, () => handleOf(callSid).fetchHistory());
      return { events: events?.length ?? 0, actions: actionsOf(events ?? []) };
    },
  };
}

/** @param {import('../temporal.mjs').TemporalServer} server @param {string} runId */
function emptyWorkflows({ client, env }, runId) {
  const taskQueue = `bench-empty-${runId}`;
  /** @type {import('../child.mjs').Child | undefined} */
  let worker;
  let last = 0;
  return {
    run() {
      worker ??= forkChild('empty-worker', { ...env, BENCH_TASK_QUEUE: taskQueue });
      return client.workflow.execute('empty', { workflowId: `${taskQueue}-${++last}`, taskQueue });
    },
    end: async () => void (await worker?.end()),
  };
}

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
