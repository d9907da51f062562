import { setTimeout as delay } from 'node:timers/promises';

import type { MonitorDescription, PendingPoll } from '../client/describe-monitor.js';
import type { MonitorHandle } from '../client/monitor-handle.js';
import { monitorFailureOf } from '../contract/failures.js';
import type { MonitorPhase } from '../contract/monitor.js';
import type { DemoCall, MonitoredCall } from './demo-calls.js';
import type { Stage } from './environment.js';
import type { StopRequest } from './stop-request.js';
import type { Display } from './terminal.js';
import type { WorkerProcess } from './worker-process.js';

const LOOK_EVERY_MS = 500;
const WITHOUT_WORKER_MS = 4_000;

interface FollowCallsOptions {
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

/** How a monitor ended. */
interface MonitorOutcome {
  /** The final status, or the type of the failure. */
  readonly kind: string;
  readonly text: string;
}

/** What Temporal knows of a call at one moment. */
export interface DemoView {
  readonly call: DemoCall;
  readonly callSid: string;
  /** Absent before the API's first good answer. */
  readonly status?: string | undefined;
  readonly phase: MonitorPhase | 'no worker';
  /** Those of a poll that is being retried included; absent when no worker answers. */
  readonly polls?: number | undefined;
  /** Attempt and error of a poll that is being retried. */
  readonly trouble: string;
  /** Since the monitor's start, until its end. */
  readonly seconds: number;
  /** Present when the monitor has ended. */
  readonly outcome?: MonitorOutcome;
}

type Finding = Omit<DemoView, 'call' | 'callSid' | 'seconds'>;

/** A worker that lives answers a query sooner. */
const QUERY_TIMEOUT_MS = 1_500;

/** Asks Temporal about a call. What only a worker can tell is left out when none answers. */
async function lookAtCall({ call, monitor }: MonitoredCall): Promise<DemoView> {
  const view = await monitor.describe({ workerTimeoutMs: QUERY_TIMEOUT_MS });
  const { callSid, startedAt, closedAt = new Date() } = view;
  const found = view.state === 'RUNNING' ? findRunning(view) : await findEnded(monitor);
  const seconds = Math.max(0, closedAt.getTime() - startedAt.getTime()) / 1_000;
  return { call, callSid, seconds, ...found };
}

function findRunning({ progress, callStatus, polls, pendingPoll }: MonitorDescription): Finding {
  return {
    status: callStatus,
    phase: progress?.phase ?? 'no worker',
    polls,
    trouble: troubleOf(pendingPoll),
  };
}

function troubleOf(poll: PendingPoll | undefined): string {
  return poll?.lastFailure ? `attempt ${poll.attempt}, ${poll.lastFailure.message}` : '';
}

async function findEnded(monitor: MonitorHandle): Promise<Finding> {
  try {
    const { status, reason, polls } = await monitor.result();
    const outcome = { kind: status, text: reason ? `${status}: ${reason}` : status };
    return { status, phase: 'finished', polls, trouble: '', outcome };
  } catch (error) {
    const failure = monitorFailureOf(error);
    if (!failure) throw error;
    const { type, details } = failure;
    const status = details?.lastObservation?.status;
    return { status, phase: 'failed', polls: details?.polls, trouble: '', outcome: { kind: type, text: type } };
  }
}
