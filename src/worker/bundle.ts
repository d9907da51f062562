import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

import { withPolyAiWorkflows } from './workflow-code.js';

/** Writes a bundle of this package's workflows, for `POLYAI_WORKFLOW_BUNDLE`. Returns its length in characters. */
export async function writeWorkflowBundle(file: string): Promise<number> {
  const { code } = await bundleWorkflowCode(withPolyAiWorkflows({ logger: new DefaultLogger('WARN') }));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, code);
  return code.length;
}
