import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import pMap from 'p-map';
import { costOfHistory } from '../measure/cost.js';
import type { PackageBuild } from '../package-build.js';
import { forkChild, type ChildProcessHandle } from '../processes/child-process.js';
import type { CollectorFunctions } from '../processes/collector.js';
import type { RunningShape, Shape, ShapeContext } from './shape.js';
import { openTemporal, type TemporalServer } from './temporal-server.js';

/** The server refuses clients with very many long polls. */
const MAX_WAITERS = 100;
/** Activity slots of the worker for each live call: more than the average, and enough for slow starts. */
const SLOTS_PER_CALL = 1.5;
const MIN_CALLS_AT_ONCE = 500;
const READ_TIMEOUT_MS = 10_000;
const TERMINATIONS_AT_A_TIME = 20;

export interface TemporalShapeSettings {
  readonly about: string;
  /** @default Infinity */
  readonly maxLive?: number;
  /** Polling options of each monitor besides the interval. */
  readonly polling?: { readonly hold: string | number };
  /** @default the environment's, else a file in the run's folder */
  readonly outcomesUrl?: string;
  /** A program of `processes` that takes the place of the package's worker. */
  readonly worker?: string;
  /** @default the environment's, else that of the package */
  readonly statusUpdates?: 'signal' | 'heartbeat';
  /** Whether the worker sends traces to a collector. */
  readonly traces?: boolean;
}

/** A shape of this package: the worker that `npm start` runs, with its defaults but for the number of calls. */
export function temporalShape(name: string, build: PackageBuild, settings: TemporalShapeSettings): Shape {
  const { about, maxLive = Infinity } = settings;
  return { name, about, maxLive, start: (context) => start(context, build, settings) };
}

async function start(
  { env, folder, runId, live, options }: ShapeContext,
  build: PackageBuild,
  { polling, outcomesUrl, statusUpdates, traces, worker: other }: TemporalShapeSettings,
): Promise<RunningShape> {
  const server = await openTemporal(folder, options, build.temporal);
  const { client, cancelOnStop } = server;
  const { startMonitor, getMonitor } = build.client;
  const taskQueue = `bench-${runId}`;
  const outcomes = outcomesUrl ?? (process.env['POLYAI_OUTCOMES_URL'] || `sqlite:${join(folder, 'outcomes.sqlite')}`);
  const collector = traces ? await startCollector() : undefined;
  const worker = forkChild('worker', {
    ...{
      ...env,
      ...server.env,
      BENCH_WORKER: other === undefined ? build.workerPath : join(import.meta.dirname, `../processes/${other}.js`),
    },
    POLYAI_TASK_QUEUE: taskQueue,
    POLYAI_OUTCOMES_URL: outcomes,
    ...(statusUpdates && { POLYAI_STATUS_UPDATES: statusUpdates }),
    ...collector?.env,
    POLYAI_CALLS_AT_ONCE: `${Math.max(MIN_CALLS_AT_ONCE, Math.ceil(SLOTS_PER_CALL * live))}`,
  });
  const empty = emptyWorkflows(server, runId);
  const interval = options.interval * 1_000;
  const workflowOf = (callSid: string) => client.workflow.getHandle(getMonitor(client, callSid).workflowId);
  return {
    ...{ workerPids: [worker.pid], serverPids: server.pids, failed: worker.failed, maxWaiters: MAX_WAITERS },
    begin: (callSid) =>
      cancelOnStop(() => startMonitor(client, { callSid, polling: { interval, ...polling } }, { taskQueue })),
    result: (callSid) => cancelOnStop(() => getMonitor(client, callSid).result()),
    closedAt: async (callSid) => {
      const { closeTime } = await withDeadline(client, () => workflowOf(callSid).describe());
      return closeTime?.getTime();
    },
    cost: async (callSid) => costOfHistory(await withDeadline(client, () => workflowOf(callSid).fetchHistory())),
    ...(server.heartbeats && { heartbeats: server.heartbeats }),
    runEmpty: empty.run,
    async stop(unfinished) {
      // A monitor may have ended meanwhile, or may never have been started.
      const terminate = (callSid: string) =>
        workflowOf(callSid)
          .terminate('the benchmark has ended')
          .catch(() => undefined);
      if (!server.isOurs) await pMap(unfinished, terminate, { concurrency: TERMINATIONS_AT_A_TIME });
      try {
        await Promise.all([worker.end(), empty.end()]);
      } finally {
        try {
          await collector?.end();
        } finally {
          await server.stop();
        }
      }
    },
  };
}

async function startCollector() {
  const collector = forkChild<CollectorFunctions>('collector');
  return {
    env: { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: await collector.rpc.endpoint() },
    /** @throws when no span has arrived: the figures would be those of a worker without traces */
    async end(): Promise<void> {
      const bytes = await collector.rpc.receivedBytes();
      await collector.end();
      if (bytes === 0) throw new Error('the collector has received no spans');
    },
  };
}

function withDeadline<T>(client: Client, request: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + READ_TIMEOUT_MS, request);
}

function emptyWorkflows({ client, env }: TemporalServer, runId: string) {
  const taskQueue = `bench-empty-${runId}`;
  let worker: ChildProcessHandle | undefined;
  let last = 0;
  return {
    run: (): Promise<unknown> => {
      worker ??= forkChild('empty-worker', { ...env, BENCH_TASK_QUEUE: taskQueue });
      return client.workflow.execute('empty', { workflowId: `${taskQueue}-${(last += 1)}`, taskQueue });
    },
    end: async (): Promise<void> => worker?.end(),
  };
}
