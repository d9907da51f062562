import type { Command } from 'commander';

import { limitArgument } from '../../arguments.js';

/** `temporal-polyai campaign list` */
export function addListCommand(campaign: Command): void {
  campaign
    .command('list')
    .summary('list campaigns: state, contacts, what is left')
    .description(
      'Lists campaigns, the latest first, and counts their contacts by state. Needs neither Temporal nor a worker.',
    )
    .option('--limit <number>', 'at most so many; 0 lists all', limitArgument, 50)
    .option('--json', 'print one JSON object for each line')
    .addHelpText(
      'after',
      `
LEFT are the contacts that wait or are being called; UNREACHED those that failed, are suppressed, are
blocked by the rules, were erased, or whose last attempt is ambiguous.

Examples:
  $ temporal-polyai campaign list
  $ temporal-polyai campaign list --json | jq -r 'select(.contacts.ambiguous > 0) | .campaignId'
`,
    )
    .action(async ({ limit, json = false }: { limit: number; json?: boolean }) => {
      const { listCampaigns } = await import('./run-list.js');
      process.exitCode = await listCampaigns({ limit: limit || Infinity, json });
    });
}
