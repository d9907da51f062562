import { CancellationScope, setHandler } from '@temporalio/workflow';

import type { CallEnd, CallEnded, CallFailure } from '../contract/completion.js';
import { CallWait, type CallWaitInput } from './call-wait.js';
import { callEndedSignal } from './messages.js';

interface SharedWait {
  readonly wait: CallWait;
  readonly end: Promise<CallEnd | undefined>;
  askers: number;
}

/** The calls whose ends one workflow run awaits, each once. Workflow code: it takes the signal of their monitors upon itself. */
export class AwaitedCalls {
  readonly #waits = new Map<string, SharedWait>();
  readonly #asked = new Set<string>();
  /** What the run before this one had asked for. */
  readonly #toldBefore = new Map<string, CallEnd>();

  constructor() {
    setHandler(callEndedSignal, (ended) => this.#told(ended), { description: 'The monitor of a call has ended' });
  }

  /**
   * How the call's monitor ended.
   *
   * @throws a cancellation, at once, when the current scope is cancelled; the monitor goes on
   */
  async endOf(request: CallWaitInput): Promise<CallEnd> {
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
  #told(ended: Partial<CallEnded> | null | undefined): void {
    const { callSid, result, failure } = ended ?? {};
    const end = result ? { result } : failureEnd(failure);
    if (callSid === undefined || !end) return;
    const shared = this.#waits.get(callSid);
    if (shared) shared.wait.tell(end);
    // Once this run has asked, it is an old answer: the monitor may have been started again since.
    else if (!this.#asked.has(callSid)) this.#toldBefore.set(callSid, end);
  }
}

function failureEnd(failure: Partial<CallFailure> | undefined): CallEnd | undefined {
  const { type, message, details } = failure ?? {};
  if (typeof type !== 'string' || typeof message !== 'string') return undefined;
  return { failure: { type, message, details: Array.isArray(details) ? details : [] } };
}
