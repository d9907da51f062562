import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WorkerPlugin } from '@temporalio/worker';

const INTERCEPTORS = '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors.js';

/** The interceptors that trace workflows, for the bundler's `workflowInterceptorModules`. */
export function traceInterceptorsPath(): string {
  return fileURLToPath(import.meta.resolve(INTERCEPTORS));
}

/** Whether a workflow bundle traces its workflows. */
export async function isTracedBundle(path: string): Promise<boolean> {
  return (await readFile(path, 'utf8')).includes(INTERCEPTORS);
}

/** For a worker without traces whose bundle has them: the SDK logs an error for each span that it cannot deliver. */
export const ignoreSpans: WorkerPlugin = {
  name: 'temporal-polyai-ignore-spans',
  configureWorker: (worker) => ({
    ...worker,
    sinks: { ...worker.sinks, exporter: { export: { fn: () => undefined } } },
  }),
};
