import { type Command, Option } from 'commander';

import { type Disposition, DISPOSITIONS } from '../../../contract/disposition.js';
import { campaignArgument } from '../../arguments.js';
import { addRuleOptions, type RuleFlags, RULES_HELP } from './rule-options.js';

interface SteerFlags {
  readonly reason?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

interface ResumeFlags extends SteerFlags {
  readonly acceptRestored?: boolean;
}

interface RetryFailedFlags extends SteerFlags {
  readonly disposition?: readonly Disposition[];
}

/** `temporal-polyai campaign pause`, `resume`, `cancel`, `change`, `retry-failed` and `retry-ambiguous` */
export function addSteerCommands(campaign: Command): void {
  commandOf(campaign, 'pause', 'stop new calls of a campaign; calls under way go on')
    .option('--reason <text>', 'why, for those who look at the campaign')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-polyai campaign pause spring --reason "the agent says the wrong price"\n',
    )
    .action(async (campaignId: string, { reason, json = false }: SteerFlags) => {
      const { pauseCampaign } = await import('./run-steer.js');
      process.exitCode = await pauseCampaign({ campaignId, reason, json });
    });
  commandOf(campaign, 'resume', 'go on with a paused campaign')
    .option('--accept-restored', 'also in a database that is an older copy; calls made since may be made again')
    .addHelpText('after', '\nExamples:\n  $ temporal-polyai campaign resume spring\n')
    .action(async (campaignId: string, { acceptRestored = false, json = false }: ResumeFlags) => {
      const { resumeCampaign } = await import('./run-steer.js');
      process.exitCode = await resumeCampaign({ campaignId, acceptRestored, json });
    });
  commandOf(campaign, 'cancel', 'end a campaign for good; calls under way are followed to their end')
    .option('--reason <text>', 'why, for those who look at the campaign')
    .option('--yes', 'cancel without asking, for scripts')
    .addHelpText('after', '\nExamples:\n  $ temporal-polyai campaign cancel spring --reason "sold out" --yes\n')
    .action(async (campaignId: string, { reason, yes = false, json = false }: SteerFlags) => {
      const { cancelCampaign } = await import('./run-steer.js');
      process.exitCode = await cancelCampaign({ campaignId, reason, yes, json });
    });
  addRetryCommands(campaign);
  addRuleOptions(commandOf(campaign, 'change', 'change the rules of a campaign, and the limits of its account'))
    .addHelpText(
      'after',
      `${RULES_HELP}
Examples:
  $ temporal-polyai campaign change spring --calls-at-once 5
  $ temporal-polyai campaign change spring --rules stricter.json
`,
    )
    .action(async (campaignId: string, { json = false, ...flags }: RuleFlags & SteerFlags) => {
      const { changeCampaign } = await import('./run-steer.js');
      process.exitCode = await changeCampaign({ campaignId, flags, json });
    });
}

function addRetryCommands(campaign: Command): void {
  commandOf(campaign, 'retry-failed', 'dial failed contacts again, with all attempts that the rules allow')
    .addOption(
      new Option(
        '--disposition <disposition...>',
        'those whose last call ended so (default: all failed contacts)',
      ).choices(DISPOSITIONS),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-polyai campaign retry-failed spring --disposition busy no-answer\n',
    )
    .action(async (campaignId: string, { disposition: dispositions, json = false }: RetryFailedFlags) => {
      const { retryFailed } = await import('./run-steer.js');
      process.exitCode = await retryFailed({ campaignId, dispositions, json });
    });
  commandOf(campaign, 'retry-ambiguous', 'dial ambiguous contacts again; some of them may be called twice')
    .option('--yes', 'dial again without asking, for scripts')
    .addHelpText('after', '\nExamples:\n  $ temporal-polyai campaign retry-ambiguous spring --yes\n')
    .action(async (campaignId: string, { yes = false, json = false }: SteerFlags) => {
      const { retryAmbiguous } = await import('./run-steer.js');
      process.exitCode = await retryAmbiguous({ campaignId, yes, json });
    });
}

function commandOf(campaign: Command, name: string, summary: string): Command {
  const description = `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
  return campaign
    .command(name)
    .summary(summary)
    .description(`${description} Prints what the database says then. Needs Temporal and a worker.`)
    .argument('<campaign>', 'ID of the campaign', campaignArgument)
    .option('--json', 'print the progress as one JSON object');
}
