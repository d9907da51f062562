import { Context } from '@temporalio/activity';

import type { GetStatusInput, GetStatusResult, HoldProgress, HoldRequest } from '../contract/index.js';
import { PolyAiError, type PolyAiClient, type RequestOptions } from '../polyai/index.js';
import { HeldCall, isWorkerShutdown } from './held-call.js';
import { HeldCalls } from './held-calls.js';
import { HoldRecord } from './hold-record.js';
import { observeCall } from './observe-call.js';
import { handedBackTooSoon, toApplicationFailure } from './to-application-failure.js';
import { SlowdownLog } from './slowdown-log.js';
import { whileHeartbeating } from './while-heartbeating.js';

export interface GetStatusDependencies {
  readonly polyAi: Pick<PolyAiClient, 'getCallStatus'> & Partial<Pick<PolyAiClient, 'slowdown'>>;
  /**
   * Whether the namespace has the search attribute `PolyAiCallStatus`.
   * @default false
   */
  readonly searchAttributes?: boolean | undefined;
  /**
   * How many calls this worker holds at once. Fewer than its activity slots (`maxConcurrentActivityTaskExecutions`, 100
   * unless set): with more calls than that the longest held ones make room in turn.
   * @default 80
   */
  readonly callsAtOnce?: number | undefined;
  /**
   * The clock, in epoch milliseconds.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined;
}

/** Below the 100 activity slots that a worker of the SDK has by default. */
const DEFAULT_CALLS_AT_ONCE = 80;

/** How long a single poll waits to be let through while requests are held back: within its time limit, with the request. */
const MAX_GATE_WAIT_MS = 4_000;

/** Makes the activity `getStatus`: one observation of one call, or as many as come while it holds. */
export function createGetStatus({
  polyAi,
  searchAttributes = false,
  callsAtOnce = DEFAULT_CALLS_AT_ONCE,
  now = Date.now,
}: GetStatusDependencies) {
  const heldCalls = new HeldCalls(callsAtOnce);
  const slowdowns = new SlowdownLog();

  return async function getStatus({ callSid, hold }: GetStatusInput): Promise<GetStatusResult> {
    const context = Context.current();
    const record = new HoldRecord(progressBefore(context, heldCalls));
    const observe = async (options: RequestOptions) => {
      try {
        return await observeCall({ polyAi, now }, callSid, options);
      } finally {
        slowdowns.note(polyAi.slowdown, context.log);
      }
    };
    const result = (): GetStatusResult => ({
      observation: record.observation!,
      polls: record.polls,
      ...(searchAttributes && { searchAttributes }),
    });
    try {
      if (hold) return await holdCall(hold);
      record.observed(await whileHeartbeating(context, record.progress, () => observe(onePoll(context))));
      return { ...result(), ...(record.changes.length > 1 && { changes: record.changes }) };
    } catch (error) {
      if (!(error instanceof PolyAiError)) throw error;
      if (!hold) record.failed(error, new Date(now()).toISOString());
      // The next attempt goes on from here.
      if (record.observation) context.heartbeat(record.progress);
      throw toApplicationFailure(error, record.progress);
    }

    async function holdCall(request: HoldRequest): Promise<GetStatusResult> {
      const call = new HeldCall({ context, hold: request, record, endsOnChange: searchAttributes, observe, now });
      await heldCalls.run(context.info.workflowExecution?.runId ?? context.info.base64TaskToken, call);
      if (!record.observation) throw handedBackTooSoon(record.progress);
      return { ...result(), changes: record.changes, ...(call.endedBy === 'handed back' && { handedBack: true }) };
    }
  };
}

/** What is known from an earlier attempt, or from the hold that this poll has cut short. */
function progressBefore({ info }: Context, heldCalls: HeldCalls): HoldProgress {
  const heldHere = heldCalls.takeOver(info.workflowExecution?.runId);
  const reported = heldHere ?? (info.heartbeatDetails as HoldProgress | undefined);
  const earlierAttempts = info.attempt - 1;
  const { polls = 0, errors = 0, ...seen } = reported ?? { changes: [] };
  return { ...seen, polls: Math.max(polls, earlierAttempts), errors: Math.max(errors, earlierAttempts) };
}

/** A single poll is not failed for a worker's shutdown: its request ends by itself in seconds. */
function onePoll({ cancellationSignal }: Context): RequestOptions {
  const cancelled = new AbortController();
  const onAbort = (): void => {
    const { reason } = cancellationSignal as { reason: unknown };
    if (!isWorkerShutdown(reason)) cancelled.abort(reason);
  };
  if (cancellationSignal.aborted) onAbort();
  else cancellationSignal.addEventListener('abort', onAbort, { once: true });
  return { signal: cancelled.signal, maxWaitMs: MAX_GATE_WAIT_MS };
}
