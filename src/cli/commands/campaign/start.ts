import { type Command, InvalidArgumentError } from 'commander';

import { MAX_LANES } from '../../../contract/campaign.js';
import { campaignArgument } from '../../arguments.js';
import { addRuleOptions, type RuleFlags, RULES_HELP } from './rule-options.js';

interface StartFlags extends RuleFlags {
  readonly lanes?: number;
  readonly taskQueue?: string;
  readonly json?: boolean;
}

/** `temporal-polyai campaign start` */
export function addStartCommand(campaign: Command): void {
  const start = campaign
    .command('start')
    .summary('start a campaign whose contacts are imported')
    .description(
      'Starts the workflow of a campaign, or attaches to the one that runs, and says which. A paused campaign stays paused. ' +
        'Needs Temporal; the contacts are in the database of the worker.',
    )
    .argument('<campaign>', 'ID of the campaign', campaignArgument);
  addRuleOptions(start)
    .option('--lanes <number>', `activities that dial in parallel, 1 to ${MAX_LANES} (default: 1)`, lanesArgument)
    .option('--task-queue <name>', 'the task queue (default: POLYAI_TASK_QUEUE, else "polyai-outbound-calls")')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `${RULES_HELP}
Examples:
  $ temporal-polyai campaign start spring --window "mon-fri 09:00-18:00" --calls-at-once 20
  $ temporal-polyai campaign start spring --rules rules.json
`,
    )
    .action(async (campaignId: string, { lanes, taskQueue, json = false, ...flags }: StartFlags) => {
      const { runStart } = await import('./run-start.js');
      process.exitCode = await runStart({ campaignId, flags, lanes, taskQueue, json });
    });
}

function lanesArgument(value: string): number {
  if (/^[1-9]\d*$/.test(value) && Number(value) <= MAX_LANES) return Number(value);
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_LANES}.`);
}
