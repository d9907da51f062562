import { Context } from '@temporalio/activity';

import type { CallObservation, GetStatusInput, GetStatusResult, HoldProgress, HoldRequest } from '../contract/index.js';
import { PolyAiError, type PolyAiClient, type RequestOptions } from '../polyai/index.js';
import { HeldCall, isWorkerShutdown } from './held-call.js';
import { HeldCalls } from './held-calls.js';
import { HoldRecord } from './hold-record.js';
import { observeCall } from './observe-call.js';
import { toApplicationFailure } from './to-application-failure.js';
import { SlowdownLog } from './slowdown-log.js';
import { UnheardRecords } from './unheard-records.js';
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
const SAFE_CALLS_AT_ONCE = 80;

/** How long a single poll waits to be let through while requests are held back: within its time limit, with the request. */
const MAX_GATE_WAIT_MS = 4_000;

/** Makes the activity `getStatus`: one observation of one call, or as many as come while it holds. */
export function createGetStatus({
  polyAi,
  searchAttributes = false,
  callsAtOnce = SAFE_CALLS_AT_ONCE,
  now = Date.now,
}: GetStatusDependencies) {
  const heldCalls = new HeldCalls(callsAtOnce);
  const unheard = new UnheardRecords();
  const slowdowns = new SlowdownLog();

  return async function getStatus({ callSid, hold, resumes = false }: GetStatusInput): Promise<GetStatusResult> {
    const context = Context.current();
    const key = `${context.info.workflowExecution?.runId ?? context.info.base64TaskToken}/${callSid}`;
    const before = unheard.takeOver(key);
    const record = new HoldRecord(progressBefore(context, resumes ? before : undefined));
    const observe = async (options: RequestOptions): Promise<CallObservation> => {
      try {
        return await observeCall({ polyAi, now }, callSid, options);
      } finally {
        slowdowns.note(polyAi.slowdown, context.log);
      }
    };
    try {
      const result = await (hold ? holdCall(hold) : pollOnce());
      unheard.heard(key, record);
      return { ...result, ...(searchAttributes && { searchAttributes }) };
    } catch (error) {
      throw asFailure(error);
    } finally {
      unheard.ended(key, record);
    }

    async function pollOnce(): Promise<GetStatusResult> {
      unheard.add(key, record);
      record.observed(await whileHeartbeating(context, record.progress, () => observe(onePoll(context))));
      return { ...seenIn(record), ...(resumes && { changes: record.changes }) };
    }

    async function holdCall(request: HoldRequest): Promise<GetStatusResult> {
      const call = new HeldCall({
        ...{ context, hold: request, record, observe, now, endsOnChange: searchAttributes },
        isTroubleWide: () => polyAi.slowdown !== undefined,
        isCrowded: () => heldCalls.isCrowded,
      });
      unheard.add(key, record, call);
      await heldCalls.run(call);
      const isHandedBack = call.endedBy === 'handed back';
      return { ...seenIn(record), changes: record.changes, ...(isHandedBack && { handedBack: true }) };
    }

    function asFailure(error: unknown): unknown {
      if (!(error instanceof PolyAiError)) return error;
      if (!hold) record.failed(error, new Date(now()).toISOString());
      const failure = toApplicationFailure(error, record.progress);
      if (failure.nonRetryable) unheard.heard(key, record);
      // Goes with the failure, not apart: the next attempt begins with it.
      else context.heartbeat(record.progress);
      return failure;
    }
  };
}

function seenIn({ observation, polls }: HoldRecord): GetStatusResult {
  return { polls, ...(observation && { observation }) };
}

/** What is known from an earlier attempt, or from the `getStatus` that this one has cut short. */
function progressBefore({ info }: Context, cutShort: HoldProgress | undefined): HoldProgress {
  const reported = info.heartbeatDetails as HoldProgress | undefined;
  const latest = (cutShort?.polls ?? -1) > (reported?.polls ?? -1) ? cutShort : reported;
  if (latest) return latest;
  const earlierAttempts = info.attempt - 1;
  return { changes: [], polls: earlierAttempts, errors: earlierAttempts };
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
