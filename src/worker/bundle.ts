import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

import { traceInterceptorsPath } from './traced-bundle.js';
import { withPolyAiWorkflows } from './workflow-code.js';

/**
 * Writes a bundle of this package's workflows, for `POLYAI_WORKFLOW_BUNDLE`. Returns its length in characters.
 *
 * @param options.traces whether workers with this bundle can trace workflows
 */
export async function writeWorkflowBundle(file: string, { traces }: { readonly traces: boolean }): Promise<number> {
  const { code } = await bundleWorkflowCode({
    ...withPolyAiWorkflows({
      logger: new DefaultLogger('WARN'),
      ...(traces && { workflowInterceptorModules: [traceInterceptorsPath()] }),
    }),
  });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, code);
  return code.length;
}
