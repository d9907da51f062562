import {
  CancellationScope,
  getExternalWorkflowHandle,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';

import { completionFailureOf, type CompletionSignal } from '../contract/completion.js';
import type { MonitorOutboundCallResult } from '../contract/monitor.js';
import { monitorWorkflowId } from '../contract/names.js';
import { callEndedSignal, notifyWhenEndedSignal } from './messages.js';
import type { MonitorState } from './monitor-state.js';

/** The largest number of subscribers that are notified; the rest fall back to polling the monitor. */
const MAX_SUBSCRIBERS = 100;

/** The server's default limit. A command with a longer ID would fail the workflow task on each attempt. */
const MAX_WORKFLOW_ID_BYTES = 1_000;

/** The workflows to notify when a monitor completes. Workflow code: handles the signal `notifyWhenEnded`. */
export class CompletionSubscribers {
  #pending: readonly string[];

  /** @param carriedOver workflow IDs from the previous run, after a continue-as-new */
  constructor(carriedOver: readonly string[] = []) {
    this.#pending = carriedOver;
    setHandler(notifyWhenEndedSignal, (input) => this.#add(input), {
      description: 'Send the signal polyAiCallEnded to this workflow when the monitor completes',
    });
  }

  /** The part of the next run's state that is kept here. */
  get carriedOver(): Pick<MonitorState, 'askers'> {
    return this.#pending.length > 0 ? { askers: this.#pending } : {};
  }

  /** Runs the monitor, then notifies the subscribers of its completion. */
  async notifyAfter(monitor: () => Promise<MonitorOutboundCallResult>): Promise<MonitorOutboundCallResult> {
    // From the workflow ID, by which subscribers know the monitor: the input may be invalid.
    const callSid = workflowInfo().workflowId.slice(monitorWorkflowId('').length);
    try {
      const result = await monitor();
      await this.#notifyAll({ callSid, result });
      return result;
    } catch (error) {
      // Any other error completes nothing: a continue-as-new, or a bug, after which the workflow task is retried.
      if (error instanceof TemporalFailure) {
        await this.#notifyAll({ callSid, failure: completionFailureOf(callSid, error) });
      }
      throw error;
    }
  }

  /** Clients in any language send this signal, so its input is checked. */
  #add(input: { readonly workflowId?: unknown } | null | undefined): void {
    const workflowId = input?.workflowId;
    if (!isWorkflowId(workflowId)) return;
    if (this.#pending.includes(workflowId) || this.#pending.length >= MAX_SUBSCRIBERS) return;
    this.#pending = [...this.#pending, workflowId];
  }

  /** Notifies those that subscribe meanwhile too. Without subscribers it adds no history event and does not yield. */
  async #notifyAll(signal: CompletionSignal): Promise<void> {
    while (this.#pending.length > 0) {
      const workflowIds = this.#pending;
      this.#pending = [];
      await CancellationScope.nonCancellable(() => Promise.all(workflowIds.map((id) => notify(id, signal))));
    }
  }
}

function isWorkflowId(value: unknown): value is string {
  if (typeof value !== 'string' || value === '') return false;
  try {
    // `%xx` for each byte of UTF-8; throws for half of a surrogate pair.
    return encodeURIComponent(value).replace(/%../g, '_').length <= MAX_WORKFLOW_ID_BYTES;
  } catch {
    return false;
  }
}

/** A subscriber that has closed needs no notification, so errors are ignored. */
async function notify(workflowId: string, signal: CompletionSignal): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(callEndedSignal, signal);
  } catch {
    return;
  }
}
