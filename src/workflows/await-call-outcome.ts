import { ApplicationFailure, CancellationScope, setHandler } from '@temporalio/workflow';

import { CALL_SID_EXPECTATION, isCallSid } from '../contract/call.js';
import type { MonitorCompletion, CompletionSignal, CompletionFailure } from '../contract/completion.js';
import type { FailureType } from '../contract/failures.js';
import type { MonitorOutboundCallInput, MonitorOutboundCallResult } from '../contract/monitor.js';
import { DEFAULT_TASK_QUEUE } from '../contract/names.js';
import { CallWait, type CallWaitInput } from './call-waiter.js';
import { callEndedSignal } from './messages.js';

export interface AwaitCallOutcomeOptions {
  /**
   * The task queue that a worker of this package polls: the monitor runs there if it is started here, and the activity that
   * reads how another one ended.
   * @default "polyai-outbound-calls"
   */
  readonly taskQueue?: string | undefined;
}

/** Of this workflow run: the SDK loads modules anew for each. */
let awaitedCalls: AwaitedCalls | undefined;

/**
 * Awaits the outcome of a call, whoever monitors it: starts the monitor as a child where there is none, joins the one that
 * runs, or reads the result of the one that has completed. A monitor that had failed, or was cancelled or terminated, is
 * started again. For workflow code: as often as you like, and for many calls at once, up to Temporal's 2,000 children of one
 * parent.
 *
 * To go on waiting after a continue-as-new, call it again in the next run: the monitor goes on, whatever this workflow does.
 *
 * @param input what to monitor; when a monitor is there already, its own settings stay
 * @throws ApplicationFailure as the monitor's, in which `monitorFailureOf` finds why; of type `MonitorEnded` when the monitor
 *   was cancelled, terminated or timed out
 * @throws CancelledFailure at once, when the scope that it is called in is cancelled; the monitor goes on
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
    throw ApplicationFailure.nonRetryable(`invalid callSid: ${CALL_SID_EXPECTATION}`, type);
  }
  awaitedCalls ??= new AwaitedCalls();
  const { result, failure } = await awaitedCalls.endOf({ input, taskQueue });
  if (result) return result;
  throw ApplicationFailure.nonRetryable(failure.message, failure.type, ...failure.details);
}

interface SharedWait {
  readonly wait: CallWait;
  readonly end: Promise<MonitorCompletion | undefined>;
  askers: number;
}

/** The calls whose ends one workflow run awaits, each once. Workflow code: it takes the signal of their monitors upon itself. */
class AwaitedCalls {
  readonly #waits = new Map<string, SharedWait>();
  readonly #asked = new Set<string>();
  /** What the run before this one had asked for. */
  readonly #toldBefore = new Map<string, MonitorCompletion>();

  constructor() {
    setHandler(callEndedSignal, (ended) => this.#told(ended), { description: 'The monitor of a call has ended' });
  }

  /**
   * How the call's monitor ended.
   *
   * @throws a cancellation, at once, when the current scope is cancelled; the monitor goes on
   */
  async endOf(request: CallWaitInput): Promise<MonitorCompletion> {
    const scope = CancellationScope.current();
    if (scope.consideredCancelled) return await scope.cancelRequested;
    const { callSid } = request.input;
    const shared = this.#waits.get(callSid) ?? this.#begin(request);
    shared.askers += 1;
    try {
      const end = await (scope.cancellable ? Promise.race([shared.end, scope.cancelRequested]) : shared.end);
      return end!; // given up only when the last asker has left
    } finally {
      shared.askers -= 1;
      if (shared.askers === 0) this.#leave(callSid, shared);
    }
  }

  #begin(request: CallWaitInput): SharedWait {
    const { callSid } = request.input;
    const wait = new CallWait(request);
    const before = this.#toldBefore.get(callSid);
    if (before) wait.tell(before);
    this.#toldBefore.delete(callSid);
    this.#asked.add(callSid);
    const end = wait.run();
    // Heard by those who wait, if any are left.
    end.catch(() => undefined);
    const shared = { wait, end, askers: 0 };
    this.#waits.set(callSid, shared);
    return shared;
  }

  #leave(callSid: string, shared: SharedWait): void {
    shared.wait.giveUp();
    this.#waits.delete(callSid);
  }

  /** What other clients may send is not typed. */
  #told(ended: Partial<CompletionSignal> | null | undefined): void {
    const { callSid, result, failure } = ended ?? {};
    const end = result ? { result } : failureEnd(failure);
    if (callSid === undefined || !end) return;
    const shared = this.#waits.get(callSid);
    if (shared) shared.wait.tell(end);
    // Once this run has asked, it is an old answer: the monitor may have been started again since.
    else if (!this.#asked.has(callSid)) this.#toldBefore.set(callSid, end);
  }
}

function failureEnd(failure: Partial<CompletionFailure> | undefined): MonitorCompletion | undefined {
  const { type, message, details } = failure ?? {};
  if (typeof type !== 'string' || typeof message !== 'string') return undefined;
  return { failure: { type, message, details: Array.isArray(details) ? details : [] } };
}
