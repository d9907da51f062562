import { setTimeout as pause } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';

import { startMonitor } from '../../../src/client.js';
import type { MonitorOutboundCallResult } from '../../../src/index.js';
import { openOutcomeStore } from '../../../src/outcomes.js';
import { runCli } from '../../support/cli-process.js';
import { type DevServerRig, eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { PostgresCluster, query } from '../../support/postgres-cluster.js';
import { fetchRuns } from '../../support/replay.js';
import { WorkerProcess } from '../../support/worker-process.js';
import { useStores } from './stores-under-test.js';

const CALLS = 30;
const rig = useDevServerRig({ searchAttributes: false });
const [sqlite] = useStores();

/** Has calls end one after the other, from 2 to 8 s after their start, on workers that share a task queue and a store. */
async function monitorOn(url: string, { name, workers }: { name: string; workers: number }) {
  const environment = { ...rig().workerEnvironment(), POLYAI_TASK_QUEUE: name, POLYAI_OUTCOMES_URL: url };
  const processes = Array.from({ length: workers }, () => new WorkerProcess(environment));
  await eventually('every worker runs', () => processes.every(({ isRunning }) => isRunning) || undefined);
  const monitors = [];
  for (let index = 0; index < CALLS; index += 1) {
    const callSid = `OUT-${name}-${index}`;
    rig().simulator.addCall(callSid, {
      queuedMs: 0,
      callingMs: 2_000 + index * 200,
      outcome: 'failure',
      reason: callSid,
    });
    monitors.push(await startMonitor(rig().client, { callSid, polling: { interval: 500 } }, { taskQueue: name }));
  }
  return monitors;
}

/** Worker processes that have asked for a status. */
async function workersOf({ client }: DevServerRig, workflowIds: readonly string[]): Promise<Set<unknown>> {
  const runs = (await Promise.all(workflowIds.map((id) => fetchRuns(client, id)))).flat();
  const events = runs.flatMap((run) => run.events ?? []);
  return new Set(events.flatMap((event) => event.activityTaskStartedEventAttributes?.identity ?? []));
}

async function expectKept(url: string, results: readonly MonitorOutboundCallResult[]): Promise<void> {
  const store = await openOutcomeStore(url);
  const kept = new Map<string, unknown>();
  for await (const outcome of store.list()) kept.set(outcome.callSid, outcome);
  await store.close();
  expect(kept.size).toBe(results.length);
  for (const { outcomeSaved, polls: _, ...told } of results) {
    expect(outcomeSaved).toBe(true);
    expect(kept.get(told.callSid)).toMatchObject(told);
  }
}

test('two workers and a command line share one SQLite file, and every outcome is kept', async () => {
  const url = await sqlite!.freshUrl();
  await (await openOutcomeStore(url)).close();
  const monitors = await monitorOn(url, { name: 'one-file', workers: 2 });
  const state = { isOver: false };

  const [results, counts] = await Promise.all([
    Promise.all(monitors.map((monitor) => monitor.result())).finally(() => (state.isOver = true)),
    (async () => {
      const counts: number[] = [];
      while (!state.isOver) {
        const { code, stdout, stderr } = await runCli(['outcomes', 'list', '--limit', '0', '--json'], {
          env: { POLYAI_OUTCOMES_URL: url },
        });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        counts.push(stdout.split('\n').length - 1);
        await pause(1_000);
      }
      return counts;
    })(),
  ]);

  await expectKept(url, results);
  expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  const workflowIds = monitors.map(({ workflowId }) => workflowId);
  expect((await workersOf(rig(), workflowIds)).size).toBe(2);
});

test('four workers on a PostgreSQL that goes away while calls end lose no outcome and write none twice', async ({
  onTestFinished,
}) => {
  const cluster = await PostgresCluster.start(inject('postgresBinaries'));
  onTestFinished(() => cluster.end());
  const url = await cluster.createDatabase();
  const monitors = await monitorOn(url, { name: 'four-workers', workers: 4 });
  const results = Promise.all(monitors.map((monitor) => monitor.result()));

  await monitors[0]!.result();
  await cluster.stop();
  await pause(5_000);
  const views = await Promise.all(monitors.map((monitor) => monitor.describe()));
  expect(views.filter(({ progress }) => progress?.phase === 'saving').length).toBeGreaterThan(5);
  await cluster.start();

  await expectKept(url, await results);
  expect(await query(url, 'SELECT count(*)::int AS kept FROM temporal_polyai_outcomes')).toEqual([{ kept: CALLS }]);
  const workflowIds = monitors.map(({ workflowId }) => workflowId);
  expect((await workersOf(rig(), workflowIds)).size).toBe(4);
});
