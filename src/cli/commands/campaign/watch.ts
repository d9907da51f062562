import type { Command } from 'commander';

import { campaignArgument } from '../../arguments.js';

const SOURCE =
  'Reads the database in POLYAI_OUTCOMES_URL if it is there and has the campaign, else asks the workflow, whose answer is ' +
  'up to a minute old and needs a worker.';

/** `temporal-polyai campaign status` and `watch` */
export function addWatchCommands(campaign: Command): void {
  campaign
    .command('status')
    .summary('show the progress of a campaign once')
    .description(`Shows once what is known about a campaign. ${SOURCE}`)
    .argument('<campaign>', 'ID of the campaign', campaignArgument)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  $ temporal-polyai campaign status spring\n')
    .action(async (campaignId: string, { json = false }: { json?: boolean }) => {
      const { runCampaignStatus } = await import('./run-watch.js');
      process.exitCode = await runCampaignStatus({ campaignId, json });
    });
  campaign
    .command('watch')
    .summary('show a campaign live until it ends')
    .description(
      `Shows a campaign until it ends: how it stands, its pace, when it ends, the last problems. ${SOURCE} Ctrl-C ends the ` +
        'command, not the campaign. Exits with 0 when the campaign is completed.',
    )
    .argument('<campaign>', 'ID of the campaign', campaignArgument)
    .option('--json', 'print one JSON object for each change')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai campaign watch spring
  $ temporal-polyai campaign watch spring --json | jq .contacts
`,
    )
    .action(async (campaignId: string, { json = false }: { json?: boolean }) => {
      const { runWatch } = await import('./run-watch.js');
      process.exitCode = await runWatch({ campaignId, json });
    });
}
