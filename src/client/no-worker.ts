import type { Client } from '@temporalio/client';

import { NO_WORKER_AFTER_MS, noWorkerMessage } from '../contract/no-worker.js';
import { abortableSleep } from '../platform/abortable.js';
import { readRunningPollers } from '../platform/pollers.js';
import { callWithSignal } from '../platform/temporal-client.js';

/** No worker polls the task queue of a monitor, so nothing happens until one does. The message gives the remedy. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError';
  readonly code = 'NO_WORKER';

  constructor(
    readonly taskQueue: string,
    readonly namespace: string,
  ) {
    super(noWorkerMessage(taskQueue, namespace));
  }
}

/** What callers can do about a monitor that no worker takes. */
export interface NoWorkerOptions {
  /**
   * Called for each task queue that no worker polls, once a monitor on it has waited for 5 s. Must not throw; to end the wait,
   * abort `signal`.
   * @default a warning of the process (`NoWorkerWarning`), once for each task queue
   */
  readonly onNoWorker?: ((problem: NoWorkerError) => void) | undefined;
}

/** Whether no worker polls a task queue for workflow tasks. */
export async function hasNoWorker(client: Client, taskQueue: string): Promise<boolean> {
  return (await readRunningPollers(client, { taskQueue, kind: 'workflows' })).length === 0;
}

const REQUEST_TIMEOUT_MS = 10_000;

/** Finds task queues that monitors wait on and no worker polls. Errors of the server are ignored: the wait itself shows them. */
export class NoWorkerWatch {
  /** By task queue. */
  readonly #watches = new Map<string, Promise<void>>();
  readonly #report: (problem: NoWorkerError) => void;

  constructor(
    private readonly client: Client,
    { onNoWorker }: NoWorkerOptions,
  ) {
    this.#report = onNoWorker ?? ((problem) => warnOnce(client, problem));
  }

  /** Watches a monitor until `work`, which awaits it, has settled; then no request is left. */
  async during<T>(workflowId: string, work: Promise<T>): Promise<T> {
    const end = new AbortController();
    const watching = this.#watchMonitor(workflowId, end.signal);
    try {
      return await work;
    } finally {
      end.abort();
      await watching;
    }
  }

  async #watchMonitor(workflowId: string, signal: AbortSignal): Promise<void> {
    await abortableSleep(NO_WORKER_AFTER_MS, signal);
    const taskQueue = await this.#request(signal, async () => {
      const { namespace } = this.client.options;
      const request = { namespace, execution: { workflowId } };
      return waitingOn(await this.client.workflowService.describeWorkflowExecution(request));
    });
    if (taskQueue !== undefined) await this.#check(taskQueue, signal);
  }

  /** Watches a task queue on which a monitor waits for a worker now; the first time only. */
  watchQueue(taskQueue: string, signal: AbortSignal): void {
    if (this.#watches.has(taskQueue)) return;
    const checking = abortableSleep(NO_WORKER_AFTER_MS, signal).then(() => this.#check(taskQueue, signal));
    this.#watches.set(taskQueue, checking);
  }

  /** Settles when no request is left. The signals of all watches have been aborted. */
  async untilIdle(): Promise<void> {
    await Promise.all(this.#watches.values());
  }

  async #check(taskQueue: string, signal: AbortSignal): Promise<void> {
    const isMissing = await this.#request(signal, () => hasNoWorker(this.client, taskQueue));
    if (isMissing && !signal.aborted) this.#report(new NoWorkerError(taskQueue, this.client.options.namespace));
  }

  async #request<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T | undefined> {
    if (signal.aborted) return undefined;
    const limits = { signal, timeoutMs: REQUEST_TIMEOUT_MS };
    return await callWithSignal(this.client, limits, request).catch(() => undefined);
  }
}

type RawDescription = Awaited<ReturnType<Client['workflowService']['describeWorkflowExecution']>>;

/** The task queue on which a workflow waits for a worker, if it does. */
export function waitingOn({ pendingWorkflowTask, workflowExecutionInfo }: Partial<RawDescription>): string | undefined {
  return (pendingWorkflowTask && workflowExecutionInfo?.taskQueue) || undefined;
}

const warned = new WeakMap<Client, Set<string>>();

function warnOnce(client: Client, { taskQueue, message, code }: NoWorkerError): void {
  const taskQueues = warned.get(client) ?? new Set();
  warned.set(client, taskQueues);
  if (taskQueues.has(taskQueue)) return;
  taskQueues.add(taskQueue);
  process.emitWarning(message, { type: 'NoWorkerWarning', code });
}
