import { requireCallSid } from '../contract/call.js';
import { monitorWorkflowId } from '../contract/names.js';
import type { ClosedRun } from './closed-runs.js';

/** A check of one monitor: whether it still runs. Exactly one of the `mark…` methods reports its result. */
export interface MonitorCheck {
  readonly callSid: string;
  readonly workflowId: string;
  markCompleted(): void;
  markStillRunning(nowMs: number): void;
  /** The request failed. */
  markReadFailed(): void;
}

interface QueuedMonitor {
  readonly callSid: string;
  readonly workflowId: string;
  /** Absent while it is being checked. */
  queue: Set<QueuedMonitor> | undefined;
  /** The latest close time in the list, and the latest one that a check found outdated: the monitor has a later run. */
  closedAtMs: number;
  outdatedCloseMs: number;
  checkedAtMs: number;
}

/** The monitors whose completion is awaited, and in which order to check them. */
export class MonitorQueue {
  readonly #monitors = new Map<string, QueuedMonitor>();
  /** Listed as closed. */
  readonly #closed = new Set<QueuedMonitor>();
  /** Never checked, or last checked too long ago. */
  readonly #due = new Set<QueuedMonitor>();
  /** Running at their last check, the oldest check first. */
  readonly #running = new Set<QueuedMonitor>();

  get size(): number {
    return this.#monitors.size;
  }

  /** @throws {TypeError} for a malformed call SID */
  add(callSid: string): void {
    requireCallSid(callSid);
    const workflowId = monitorWorkflowId(callSid);
    if (this.#monitors.has(workflowId)) return;
    const monitor = { callSid, workflowId, queue: undefined, closedAtMs: 0, outdatedCloseMs: 0, checkedAtMs: 0 };
    this.#monitors.set(workflowId, monitor);
    move(monitor, this.#due);
  }

  /** The list shows a closed run, which need not be the latest of its monitor. */
  markListedClosed({ workflowId, closedAtMs }: ClosedRun): void {
    const monitor = this.#monitors.get(workflowId);
    if (!monitor || closedAtMs <= monitor.closedAtMs) return;
    monitor.closedAtMs = closedAtMs;
    if (monitor.queue) move(monitor, this.#closed);
  }

  /** Takes the next monitor to check: one that is listed as closed before any other. */
  take(): MonitorCheck | undefined {
    const [monitor] = this.#closed.size > 0 ? this.#closed : this.#due;
    if (!monitor) return undefined;
    move(monitor, undefined);
    const { callSid, workflowId, closedAtMs } = monitor;
    return {
      callSid,
      workflowId,
      markCompleted: () => void this.#monitors.delete(workflowId),
      markStillRunning: (nowMs) => {
        monitor.checkedAtMs = nowMs;
        // The run that the list showed before the check was not the latest; one that it has shown since may be.
        monitor.outdatedCloseMs = closedAtMs;
        move(monitor, monitor.closedAtMs > closedAtMs ? this.#closed : this.#running);
      },
      markReadFailed: () => move(monitor, monitor.closedAtMs > monitor.outdatedCloseMs ? this.#closed : this.#due),
    };
  }

  /** Makes monitors due that were last checked before `sinceMs`, until `limit` are. @default all */
  recheck(sinceMs = Infinity, limit = Infinity): void {
    for (const monitor of this.#running) {
      if (monitor.checkedAtMs >= sinceMs || this.#due.size >= limit) return;
      move(monitor, this.#due);
    }
  }
}

function move(monitor: QueuedMonitor, queue: Set<QueuedMonitor> | undefined): void {
  monitor.queue?.delete(monitor);
  monitor.queue = queue;
  queue?.add(monitor);
}
