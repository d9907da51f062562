import {
  CancellationScope,
  getExternalWorkflowHandle,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';

import { type CompletionSignal, completionFailureOf } from '../contract/completion.js';
import type { MonitorOutboundCallResult } from '../contract/monitor.js';
import { monitorWorkflowId } from '../contract/names.js';
import { callEndedSignal, notifyWhenEndedSignal } from './messages.js';

/** Whoever comes later finds the end by looking. */
const MAX_ASKERS = 100;

const MAX_ID_BYTES = 1_000;

/** The workflows that want to be told when the monitor has ended. Workflow code: it takes their signal upon itself. */
export class MonitorAskers {
  #untold: readonly string[];

  /** @param carried those of the run before, after a continue-as-new */
  constructor(carried: readonly string[] = []) {
    this.#untold = carried;
    setHandler(notifyWhenEndedSignal, (asker) => this.#add(asker), {
      description: 'Tell the workflow with this ID when the monitor has ended',
    });
  }

  /** What the next run has to know. */
  get carried(): { readonly askers?: readonly string[] } {
    return this.#untold.length > 0 ? { askers: this.#untold } : {};
  }

  /** Runs the monitor, and tells them how it ended. */
  async whileMonitoring(monitor: () => Promise<MonitorOutboundCallResult>): Promise<MonitorOutboundCallResult> {
    // As the askers know it, who have found this monitor by its workflow ID.
    const callSid = workflowInfo().workflowId.slice(monitorWorkflowId('').length);
    try {
      const result = await monitor();
      await this.#tell({ callSid, result });
      return result;
    } catch (error) {
      // Anything else is no end: a continue-as-new, or a mistake in this code, which has the task tried again.
      if (error instanceof TemporalFailure) await this.#tell({ callSid, failure: completionFailureOf(callSid, error) });
      throw error;
    }
  }

  /** What other clients may send is not typed. */
  #add(asker: { readonly workflowId?: unknown } | null | undefined): void {
    const workflowId = asker?.workflowId;
    if (!isWorkflowId(workflowId)) return;
    if (this.#untold.includes(workflowId) || this.#untold.length >= MAX_ASKERS) return;
    this.#untold = [...this.#untold, workflowId];
  }

  /** Costs nothing while there is nobody: not an event, nor a turn of the workflow. */
  async #tell(ended: CompletionSignal): Promise<void> {
    while (this.#untold.length > 0) {
      const askers = this.#untold;
      this.#untold = [];
      await CancellationScope.nonCancellable(() => Promise.all(askers.map((workflowId) => notify(workflowId, ended))));
    }
  }
}

/** What the server refuses in a command fails the workflow's task, for ever; its limit is 1,000 bytes unless set otherwise. */
function isWorkflowId(value: unknown): value is string {
  if (typeof value !== 'string' || value === '') return false;
  try {
    // One character for each byte of UTF-8, and an error for half of a surrogate pair.
    return encodeURIComponent(value).replace(/%../g, '_').length <= MAX_ID_BYTES;
  } catch {
    return false;
  }
}

/** An asker that has closed meanwhile need not be told. */
async function notify(workflowId: string, ended: CompletionSignal): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(callEndedSignal, ended);
  } catch {
    return;
  }
}
