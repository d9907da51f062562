import { ApplicationFailure, CancellationScope, setHandler } from '@temporalio/workflow';

import { INVALID_CALL_SID_MESSAGE, isCallSid } from '../contract/call.js';
import type { CompletionFailure, CompletionSignal, MonitorCompletion } from '../contract/completion.js';
import type { FailureType } from '../contract/failures.js';
import type { MonitorOutboundCallInput, MonitorOutboundCallResult } from '../contract/monitor.js';
import { DEFAULT_TASK_QUEUE } from '../contract/names.js';
import { CompletionWaiter, type CompletionWaiterInput } from './completion-waiter.js';
import { callEndedSignal } from './messages.js';

export interface AwaitCallOutcomeOptions {
  /**
   * The task queue that a worker of this package polls. Used to start the monitor, and for the activity that reads the state
   * of a monitor that another caller started.
   * @default "polyai-outbound-calls"
   */
  readonly taskQueue?: string | undefined;
}

/**
 * One instance for each workflow run, because the SDK evaluates workflow modules anew for each run. So `preloaded.ts` must not
 * reach this module: all runs of a worker would share it.
 */
let completionWaiters: CompletionWaiters | undefined;

/**
 * Awaits the outcome of a call: starts the monitor as a child workflow if there is none, subscribes to one that runs, or
 * reads the result of one that has completed. A monitor that failed, or was cancelled or terminated, is
 * started again. Call it from workflow code, as often as you like, and for many calls at once, up to Temporal's limit of
 * 2,000 pending children.
 *
 * To continue waiting after a continue-as-new, call it again in the next run. The monitor runs on meanwhile.
 *
 * @param input what to monitor; a monitor that exists already keeps its own settings
 * @throws ApplicationFailure the monitor's own failure, which `monitorFailureOf` reads; of type `MonitorEnded` if the monitor
 *   was cancelled, terminated or timed out
 * @throws CancelledFailure at once, when the calling scope is cancelled; the monitor runs on
 *
 * @example
 * const { status, reason } = await awaitCallOutcome({ callSid });
 */
export async function awaitCallOutcome(
  input: MonitorOutboundCallInput,
  { taskQueue = DEFAULT_TASK_QUEUE }: AwaitCallOutcomeOptions = {},
): Promise<MonitorOutboundCallResult> {
  if (!isCallSid(input.callSid)) {
    const type: FailureType = 'InvalidCallSid';
    throw ApplicationFailure.nonRetryable(INVALID_CALL_SID_MESSAGE, type);
  }
  completionWaiters ??= new CompletionWaiters();
  const { result, failure } = await completionWaiters.completionOf({ input, taskQueue });
  if (result) return result;
  throw ApplicationFailure.nonRetryable(failure.message, failure.type, ...failure.details);
}

interface SharedWaiter {
  readonly waiter: CompletionWaiter;
  readonly completion: Promise<MonitorCompletion | undefined>;
  /** The number of `awaitCallOutcome` calls that await it. */
  callers: number;
}

/** One waiter for each call that a workflow run awaits. Workflow code: handles the signal `polyAiCallEnded`. */
class CompletionWaiters {
  readonly #waiters = new Map<string, SharedWaiter>();
  readonly #awaitedCallSids = new Set<string>();
  /** Signals for calls that the previous run awaited and this one has not awaited yet. */
  readonly #earlyCompletions = new Map<string, MonitorCompletion>();

  constructor() {
    setHandler(callEndedSignal, (signal) => this.#receive(signal), {
      description: 'Sent by a monitor when it completes',
    });
  }

  /**
   * How the call's monitor completed.
   *
   * @throws CancelledFailure at once, when the calling scope is cancelled; the monitor runs on
   */
  async completionOf(request: CompletionWaiterInput): Promise<MonitorCompletion> {
    const scope = CancellationScope.current();
    if (scope.consideredCancelled) return await scope.cancelRequested;
    const { callSid } = request.input;
    const shared = this.#waiters.get(callSid) ?? this.#start(request);
    shared.callers += 1;
    try {
      const { completion } = shared;
      const completed = await (scope.cancellable ? Promise.race([completion, scope.cancelRequested]) : completion);
      return completed!; // Abandoned only once the last caller has left.
    } finally {
      shared.callers -= 1;
      if (shared.callers === 0) {
        shared.waiter.abandon();
        this.#waiters.delete(callSid);
      }
    }
  }

  #start(request: CompletionWaiterInput): SharedWaiter {
    const { callSid } = request.input;
    const waiter = new CompletionWaiter(request);
    const early = this.#earlyCompletions.get(callSid);
    if (early) waiter.completeEarly(early);
    this.#earlyCompletions.delete(callSid);
    this.#awaitedCallSids.add(callSid);
    const completion = waiter.run();
    // Its callers handle a rejection; all of them may have left.
    completion.catch(() => undefined);
    const shared = { waiter, completion, callers: 0 };
    this.#waiters.set(callSid, shared);
    return shared;
  }

  /** Clients in any language send this signal, so its input is checked. */
  #receive(signal: Partial<CompletionSignal> | null | undefined): void {
    const { callSid, result, failure } = signal ?? {};
    const completion = result ? { result } : failedCompletion(failure);
    if (callSid === undefined || !completion) return;
    const shared = this.#waiters.get(callSid);
    if (shared) shared.waiter.complete(completion);
    // Once this run has awaited the call, the signal is outdated: the monitor may have been started again since.
    else if (!this.#awaitedCallSids.has(callSid)) this.#earlyCompletions.set(callSid, completion);
  }
}

function failedCompletion(failure: Partial<CompletionFailure> | undefined): MonitorCompletion | undefined {
  const { type, message, details } = failure ?? {};
  if (typeof type !== 'string' || typeof message !== 'string') return undefined;
  return { failure: { type, message, details: Array.isArray(details) ? details : [] } };
}
