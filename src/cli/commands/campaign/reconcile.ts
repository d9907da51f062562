import type { Command } from 'commander';

import { campaignArgument } from '../../arguments.js';

/** `temporal-polyai campaign reconcile` */
export function addReconcileCommand(campaign: Command): void {
  campaign
    .command('reconcile')
    .summary('write into a restored database what Temporal knows of a campaign')
    .description(
      'After the database was restored from a copy: records the calls that were made since, by their monitors in Temporal, and ' +
        "the ambiguous attempts, by the history of the campaign's workflow, so that they are not made again. Needs Temporal and " +
        'the database in POLYAI_OUTCOMES_URL, and no worker. The campaign must not be running.',
    )
    .argument('<campaign>', 'ID of the campaign', campaignArgument)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Exits with 1 when attempts are left that are not in the database. What Temporal does not know: opt-outs,
reported dispositions, contacts that were added since, and what ended before the namespace retention.

Examples:
  $ temporal-polyai campaign reconcile spring
  $ temporal-polyai campaign resume spring --accept-restored
`,
    )
    .action(async (campaignId: string, { json = false }: { json?: boolean }) => {
      const { runReconcile } = await import('./run-reconcile.js');
      process.exitCode = await runReconcile({ campaignId, json });
    });
}
