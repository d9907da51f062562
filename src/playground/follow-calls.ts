import { setTimeout as delay } from 'node:timers/promises';

import type { Interruption } from '../platform/interruption.js';
import type { MonitoredCall } from './demo-calls.js';
import { type DemoView, viewCall } from './demo-view.js';
import type { Display } from './terminal.js';
import type { WorkerProcess } from './worker-process.js';

const REFRESH_INTERVAL_MS = 500;
const WITHOUT_WORKER_MS = 4_000;

interface FollowCallsOptions {
  readonly calls: readonly MonitoredCall[];
  readonly worker: WorkerProcess;
  readonly display: Display;
  readonly interruption: Interruption;
}

/** Shows the calls until all have ended, and kills the worker once meanwhile. */
export async function followCalls(options: FollowCallsOptions): Promise<readonly DemoView[]> {
  const { calls, display, interruption } = options;
  let workerLoss: Promise<void> | undefined;
  for (;;) {
    const views = await Promise.all(calls.map((call) => viewCall(call)));
    display.show(views);
    if (views.every(({ outcome }) => outcome)) {
      await workerLoss;
      return views;
    }
    const view = views.find(({ call, status }) => call.losesWorker && status === 'calling');
    if (view) workerLoss ??= replaceWorker(view, options).catch((error: unknown) => interruption.abort(error));
    await delay(REFRESH_INTERVAL_MS, undefined, { signal: interruption.signal });
  }
}

async function replaceWorker({ call }: DemoView, { worker, display, interruption }: FollowCallsOptions): Promise<void> {
  const { pid } = worker;
  await worker.kill();
  display.note(`✂ call ${call.number} is calling: worker ${pid}, the only one there is, was killed (SIGKILL)`);
  await delay(WITHOUT_WORKER_MS, undefined, { signal: interruption.signal });
  await worker.start();
  display.note(`↻ worker ${worker.pid} polls in its place; Temporal hands it the monitors within 10 s`);
}
