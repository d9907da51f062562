import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, vi } from 'vitest';

import { createActivities, PolyAiError, type StatusSource } from '../../src/activities.js';
import type { GetStatusInput, GetStatusResult } from '../../src/contract/get-status.js';
import { raceAbort } from '../../src/platform/abortable.js';
import { RecordedSignals } from './recorded-signals.js';

const logger = new DefaultLogger('ERROR');
const START = Date.UTC(2026, 0, 15, 12);

export const LONG_POLL = { forMs: 600_000, intervalMs: 3_000 };

/** A worker with room for two long polls, and an API whose answer for each call can be set, also to `hangs`; the default is `calling`. */
export class ActivityWorkerRig {
  answers: Record<string, string | PolyAiError> = {};
  /** Call SIDs in the order of the requests. */
  requests: string[] = [];
  readonly signals = new RecordedSignals();

  readonly #polyAi: StatusSource = {
    getCallStatus: async (callSid, options) => {
      this.requests.push(callSid);
      const answer = this.answers[callSid] ?? 'calling';
      if (answer instanceof PolyAiError) throw answer;
      if (answer === 'hangs') await raceAbort(new Promise(() => undefined), options?.signal);
      return { status: answer, reason: '' };
    },
  };

  readonly #activities = createActivities({
    callsAtOnce: 2,
    polyAi: this.#polyAi,
    accounts: { small: this.#polyAi },
  });

  /** Starts one `getStatus` of a monitor's run, on the worker of the client. */
  start(input: GetStatusInput, runId = 'run-1', client = this.signals.client) {
    const info = { workflowExecution: { workflowId: 'monitor', runId }, scheduleToCloseTimeoutMs: 0 };
    const environment = new MockActivityEnvironment(info, { logger, client });
    const ended: Promise<GetStatusResult> = environment.run(this.#activities.getStatus, input);
    ended.catch(() => undefined);
    return { ended, cancel: () => environment.cancel() };
  }
}

/** A new worker for each test, on fake timers. */
export function useActivityWorkerRig(): () => ActivityWorkerRig {
  let rig: ActivityWorkerRig;
  beforeEach(() => {
    vi.useFakeTimers({ now: START });
    rig = new ActivityWorkerRig();
  });
  afterEach(() => void vi.useRealTimers());
  return () => rig;
}
