import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, vi } from 'vitest';

import { createActivities, PolyAiError } from '../../src/activities.js';
import type { GetStatusInput, GetStatusResult } from '../../src/contract/get-status.js';
import { RecordedSignals } from './recorded-signals.js';

const logger = new DefaultLogger('ERROR');
const START = Date.UTC(2026, 0, 15, 12);

export const LONG_POLL = { forMs: 600_000, intervalMs: 3_000 };

/** A worker with room for two long polls, and an API whose answer for each call can be set; the default is `calling`. */
export class ActivityWorkerRig {
  answers: Record<string, string | PolyAiError> = {};
  /** Call SIDs in the order of the requests. */
  requests: string[] = [];
  readonly signals = new RecordedSignals();

  readonly #activities = createActivities({
    callsAtOnce: 2,
    polyAi: {
      getCallStatus: (callSid) => {
        this.requests.push(callSid);
        const answer = this.answers[callSid] ?? 'calling';
        return answer instanceof PolyAiError ? Promise.reject(answer) : Promise.resolve({ status: answer, reason: '' });
      },
    },
  });

  /** Starts one `getStatus` of a monitor's run. */
  start(input: GetStatusInput, runId = 'run-1') {
    const info = { workflowExecution: { workflowId: 'monitor', runId }, scheduleToCloseTimeoutMs: 0 };
    const environment = new MockActivityEnvironment(info, { logger, client: this.signals.client });
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
