import type { Command } from 'commander';

/** `temporal-polyai campaign suppressions` */
export function addSuppressionsCommand(campaign: Command): void {
  campaign
    .command('suppressions')
    .summary('list the numbers that no campaign calls')
    .description(
      'Lists all suppressed numbers, with when, why and from where. One whose person was erased is listed without its number.',
    )
    .option('--json', 'print one JSON object for each line')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai campaign suppressions
  $ temporal-polyai campaign suppressions --json | jq -r '.number // empty'
`,
    )
    .action(async ({ json = false }: { json?: boolean }) => {
      const { printSuppressions } = await import('./run-suppressions.js');
      process.exitCode = await printSuppressions(json);
    });
}
