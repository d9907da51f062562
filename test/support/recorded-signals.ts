import type { Client } from '@temporalio/client';

import type { StatusReport } from '../../src/contract/get-status.js';

interface RecordedSignal {
  readonly workflowId: string;
  readonly runId: string | undefined;
  readonly name: string;
  readonly report: StatusReport;
}

/** The client of a worker whose activities send signals, which it records. */
export class RecordedSignals {
  readonly sent: RecordedSignal[] = [];
  /** What happens to the next signals, in order; `undefined` accepts one. After that all are accepted. */
  failures: (Error | 'hangs' | undefined)[] = [];

  /** The part of the SDK's client that `getStatus` uses. */
  readonly client = {
    workflow: {
      getHandle: (workflowId: string, runId?: string) => ({
        signal: async (name: string, report: StatusReport) => {
          this.sent.push({ workflowId, runId, name, report });
          const failure = this.failures.shift();
          if (failure === 'hangs') await new Promise(() => undefined);
          else if (failure) throw failure;
        },
      }),
    },
    withAbortSignal: <R>(_signal: AbortSignal, send: () => Promise<R>) => send(),
    withDeadline: <R>(_deadline: number, send: () => Promise<R>) => send(),
  } as unknown as Client;

  /** The status in each signal. */
  get statuses(): string[] {
    return this.sent.map(({ report }) => report.observation.status);
  }
}
