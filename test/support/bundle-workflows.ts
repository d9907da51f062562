import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = fileURLToPath(new URL('../../', import.meta.url));
const INTERCEPTORS = '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors';

/** Only with a worker that has the plugin, and in replays, which show that it changes nothing. */
const MONITOR_STARTS = `${root}src/workflows/monitor-starts.ts`;

/** Bundles workflows as the worker does it, so that every test of a workflow runs with what workflows share. */
export async function bundleWorkflows(source: string, name: string, { traces = false } = {}): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: `${root}${source}`,
    preloadModules: [`${root}src/workflows/preloaded.ts`],
    workflowInterceptorModules: traces ? [createRequire(import.meta.url).resolve(INTERCEPTORS), MONITOR_STARTS] : [],
    logger: new DefaultLogger('ERROR'),
  });
  const folder = `${root}node_modules/.cache/temporal-polyai/`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${name}`, code);
  return `${folder}${name}`;
}
