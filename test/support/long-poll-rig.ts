import type { MetricMeter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, vi } from 'vitest';

import {
  type ActivityDependencies,
  createActivities,
  type PolyAiActivities,
  PolyAiError,
} from '../../src/activities.js';
import type { GetStatusInput, GetStatusResult, PollProgress } from '../../src/contract/get-status.js';
import { RecordedSignals } from './recorded-signals.js';

const logger = new DefaultLogger('ERROR');
export const START = Date.UTC(2026, 0, 15, 12);
export const MINUTE = 60_000;

export type Answer = string | PolyAiError;

/** An API that gives these answers in order, then repeats the last one, and records when it was polled. */
export class ScriptedApi {
  readonly polledAtMs: number[] = [];

  constructor(private readonly answers: readonly Answer[]) {}

  getCallStatus(): Promise<{ status: string; reason: string }> {
    const answer = this.answers[Math.min(this.polledAtMs.length, this.answers.length - 1)]!;
    this.polledAtMs.push(Date.now() - START);
    return answer instanceof PolyAiError ? Promise.reject(answer) : Promise.resolve({ status: answer, reason: '' });
  }
}

export interface RunningLongPoll {
  readonly api: ScriptedApi;
  readonly getStatus: PolyAiActivities['getStatus'];
  readonly environment: MockActivityEnvironment;
  readonly ended: Promise<GetStatusResult>;
  /** When each heartbeat was sent, with its details. */
  readonly heartbeats: { readonly atMs: number; readonly details: PollProgress }[];
}

interface LongPollOptions {
  readonly input?: Partial<GetStatusInput['hold']>;
  /** `GetStatusInput.reportAs`; `null` for a monitor that does not handle reports. @default 1 */
  readonly reportAs?: number | null;
  readonly signals?: RecordedSignals;
  readonly dependencies?: Partial<ActivityDependencies>;
  readonly info?: ConstructorParameters<typeof MockActivityEnvironment>[0];
  readonly callSid?: string;
  readonly metricMeter?: MetricMeter;
  /** The `getStatus` of another long poll, to run both on one worker. */
  readonly getStatus?: RunningLongPoll['getStatus'];
}

/** Starts one `getStatus` with a long poll, on fake timers. */
export function startLongPoll(answers: readonly Answer[], options: LongPollOptions = {}): RunningLongPoll {
  const {
    input,
    dependencies,
    info,
    callSid = 'OUT-1',
    reportAs = 1,
    signals = new RecordedSignals(),
    metricMeter,
  } = options;
  const api = new ScriptedApi(answers);
  const getStatus = options.getStatus ?? createActivities({ polyAi: api, ...dependencies }).getStatus;
  const environment = new MockActivityEnvironment(
    {
      scheduleToCloseTimeoutMs: 4 * 60 * MINUTE,
      scheduledTimestampMs: START,
      currentAttemptScheduledTimestampMs: START,
      ...info,
    },
    { logger, client: signals.client, ...(metricMeter && { metricMeter }) },
  );
  const heartbeats: RunningLongPoll['heartbeats'] = [];
  environment.on('heartbeat', (details) => {
    heartbeats.push({ atMs: Date.now() - START, details: details as PollProgress });
  });
  const request = { forMs: 10 * MINUTE, intervalMs: 3_000, ...input };
  const ended: Promise<GetStatusResult> = environment.run(getStatus, {
    callSid,
    hold: request,
    ...(reportAs !== null && { reportAs }),
  });
  ended.catch(() => undefined);
  return { api, getStatus, environment, ended, heartbeats };
}

export const unavailable = (retryAfterMs?: number) =>
  new PolyAiError('PolyAI answered 503', { kind: 'PolyAiUnavailable', httpStatus: 503, retryAfterMs });
export const repeat = (answer: Answer, times: number): Answer[] => Array.from({ length: times }, () => answer);
export const iso = (ms: number): string => new Date(START + ms).toISOString();

/** Timers that a worker with live calls has beside those of its long polls: the one that sets its gauges. */
export const GAUGES_TIMER = 1;

/** Gives the tests of a file a fake clock, and waits without jitter. */
export function useFakeClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: START });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
}
