import { setTimeout as delay } from 'node:timers/promises';

import type { MonitoredCall } from './demo-calls.js';
import type { Display } from './display.js';
import { lookAtCall, type DemoView } from './look-at-call.js';
import type { Stage } from './set-stage.js';
import type { StopRequest } from './stop-request.js';
import type { WorkerProcess } from './worker-process.js';

const LOOK_EVERY_MS = 500;
const WITHOUT_WORKER_MS = 4_000;

export interface FollowCallsOptions {
  readonly stage: Stage;
  readonly calls: readonly MonitoredCall[];
  readonly display: Display;
  readonly stop: StopRequest;
}

/** Shows the calls until all have ended, and kills the worker meanwhile. */
export async function followCalls(options: FollowCallsOptions): Promise<readonly DemoView[]> {
  const { stage, calls, display, stop } = options;
  let loss: Promise<void> | undefined;
  for (;;) {
    const views = await Promise.all(calls.map((call) => lookAtCall(call)));
    display.show(views);
    if (views.every(({ outcome }) => outcome)) {
      await loss;
      return views;
    }
    const moment = views.find(({ call, status }) => call.losesWorker && status === 'calling');
    if (moment) loss ??= loseWorker(moment, stage.worker, options).catch((error: unknown) => stop.because(error));
    await delay(LOOK_EVERY_MS, undefined, { signal: stop.signal });
  }
}

async function loseWorker({ call }: DemoView, worker: WorkerProcess, { display, stop }: FollowCallsOptions) {
  const { pid } = worker;
  await worker.kill();
  display.note(`✂ call ${call.number} is calling: worker ${pid}, the only one there is, was killed (SIGKILL)`);
  await delay(WITHOUT_WORKER_MS, undefined, { signal: stop.signal });
  await worker.start();
  display.note(`↻ worker ${worker.pid} polls in its place; Temporal hands it the monitors within 10 s`);
}
