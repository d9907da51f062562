import type { Command } from 'commander';

import { print } from '../../platform/printing.js';
import { fileArgument } from '../arguments.js';

/** `temporal-polyai bundle` */
export function addBundleCommand(program: Command): void {
  program
    .command('bundle')
    .summary('write the workflow bundle, with which a worker starts faster')
    .description(
      'Bundles the workflows into one file. A worker with this file in POLYAI_WORKFLOW_BUNDLE starts without bundling. ' +
        'Make it with the version of temporal-polyai and @temporalio/worker that will run it.',
    )
    .requiredOption('--out <file>', 'where to write', fileArgument)
    .option('--traces', 'with OpenTelemetry interceptors, for workers that export traces')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai bundle --out build/workflow-bundle.js
  $ POLYAI_WORKFLOW_BUNDLE=build/workflow-bundle.js temporal-polyai worker
`,
    )
    .action(({ out, traces = false }: { out: string; traces?: boolean }) => writeBundle(out, traces));
}

async function writeBundle(file: string, traces: boolean): Promise<void> {
  const { writeWorkflowBundle } = await import('../../worker/bundle.js');
  const length = await writeWorkflowBundle(file, { traces });
  print(`${file}: ${Math.round(length / 1_000)} kB; run workers with POLYAI_WORKFLOW_BUNDLE=${file}`);
}
