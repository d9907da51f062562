import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { expect, inject, onTestFinished, test } from 'vitest';

import { createActivities, holdingWorkerOptions, PolyAiClient } from '../../../src/activities.js';
import { startMonitor } from '../../../src/client.js';
import { DEFAULT_TASK_QUEUE, monitorWorkflowId } from '../../../src/index.js';
import { type Simulator, startSimulator } from '../../../src/simulator.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';

const rig = useDevServerRig({ searchAttributes: false });

const CALLS_AT_ONCE = 20;
/** Twice the worker's activity slots. */
const FAILING_CALLS = 2 * holdingWorkerOptions(CALLS_AT_ONCE).maxConcurrentActivityTaskExecutions;
const OBSERVED_MS = 25_000;
/** Long polls that keep their slots for the whole outage make the others wait for all of `OBSERVED_MS`. */
const LONGEST_WAIT_MS = 20_000;
const INTERVAL_MS = 1_000;

test(
  'in an outage of one account, with more calls than slots, a call of another account is polled and other activities run',
  { timeout: 300_000 },
  async () => {
    const down = rig().simulator;
    const up = await startSimulator();
    onTestFinished(() => up.close());
    const callSids = Array.from({ length: FAILING_CALLS }, (_, index) => `OUT-down-${index}`);
    for (const callSid of callSids) down.addCall(callSid, { queuedMs: 0, callingMs: Infinity });
    up.addCall('OUT-up', { queuedMs: 0, callingMs: Infinity });

    const worker = await createWorkerOf(down, up);
    const { gaps, waits } = await worker.runUntil(async () => {
      const polling = { interval: INTERVAL_MS };
      await Promise.all(callSids.map((callSid) => startMonitor(rig().client, { callSid, polling })));
      await eventually(
        'all to be observed',
        () => callSids.every((sid) => down.requestsFor(sid).length > 0) || undefined,
        {
          withinMs: 150_000,
        },
      );
      down.setFault({ kind: 'status', status: 503 });
      await startMonitor(rig().client, { callSid: 'OUT-up', account: 'up', polling });
      await eventually('the healthy call', () => up.requestsFor('OUT-up').length > 0 || undefined);
      const endMs = Date.now() + OBSERVED_MS;
      const waits: number[] = [];
      while (Date.now() < endMs) waits.push(await timeAnActivity(rig().client));
      const polledAt = up.requestsFor('OUT-up').map(({ at }) => at);
      const gaps = [...polledAt.slice(1), Date.now()].map((at, index) => at - polledAt[index]!);
      for (const sid of [...callSids, 'OUT-up']) {
        await rig().client.workflow.getHandle(monitorWorkflowId(sid)).terminate();
      }
      return { gaps, waits };
    });

    expect(Math.max(...gaps)).toBeLessThan(LONGEST_WAIT_MS);
    expect(Math.max(...waits)).toBeLessThan(LONGEST_WAIT_MS);
  },
);

async function createWorkerOf(down: Simulator, up: Simulator): Promise<Worker> {
  const clientOf = ({ url, token }: Simulator): PolyAiClient => {
    const polyAi = new PolyAiClient({ baseUrl: url, token });
    onTestFinished(() => polyAi.close());
    return polyAi;
  };
  return await Worker.create({
    connection: rig().nativeConnection,
    namespace: rig().server.namespace,
    taskQueue: DEFAULT_TASK_QUEUE,
    workflowBundle: { codePath: inject('workflowBundlePath') },
    activities: {
      ...createActivities({ polyAi: clientOf(down), accounts: { up: clientOf(up) }, callsAtOnce: CALLS_AT_ONCE }),
      ofTheUser: () => Promise.resolve(),
    },
    ...holdingWorkerOptions(CALLS_AT_ONCE),
  });
}

/** How long an activity of the user's own waits and runs. */
async function timeAnActivity(client: Client): Promise<number> {
  const startedAt = performance.now();
  await client.activity.execute('ofTheUser', {
    id: `of-the-user-${startedAt}`,
    args: [],
    taskQueue: DEFAULT_TASK_QUEUE,
    startToCloseTimeout: '1m',
  });
  return performance.now() - startedAt;
}
