import { type Command, InvalidArgumentError, Option } from 'commander';

import { formatDuration, HOUR_MS, parseDurationMs } from '../../../contract/duration.js';
import { campaignArgument, fileArgument } from '../../arguments.js';
import { EXIT_CODES } from '../../terminal.js';
import { addRuleOptions, type RuleFlags, RULES_HELP } from './rule-options.js';

const FORMATS = ['csv', 'jsonl'] as const;

interface PlanFlags extends RuleFlags {
  readonly callLength?: number;
  readonly days: number;
  readonly contacts?: (typeof FORMATS)[number];
  readonly output?: string;
  readonly json?: boolean;
}

/** `temporal-polyai campaign plan` */
export function addPlanCommand(campaign: Command): void {
  const plan = campaign
    .command('plan')
    .summary('show who would be dialled when, and why somebody would not be')
    .description(
      'Goes through the queue of a campaign as its worker would, by the same rules, and dials nobody: how many calls in each ' +
        'hour, and who is not called for what reason. Needs the database, and neither Temporal nor a worker.',
    )
    .argument('<campaign>', 'ID of the campaign', campaignArgument);
  addRuleOptions(plan)
    .option('--call-length <duration>', 'how long a call takes (default: as the last calls, or 1m)', callLengthArgument)
    .option('--days <number>', 'how far to look ahead', daysArgument, 14)
    .addOption(new Option('--contacts <format>', 'print each contact instead').choices(FORMATS))
    .option('--output <file>', 'where to write the contacts (default: stdout)', fileArgument)
    .addOption(new Option('--json', 'print one JSON object').conflicts('contacts'))
    .addHelpText(
      'after',
      `
Rules and limits that are given are tried, and not stored. Only the next attempt on each contact is
planned: whether there is another depends on its outcome. Contacts are shown without their number.
${RULES_HELP}
Examples:
  $ temporal-polyai campaign plan spring
  $ temporal-polyai campaign plan spring --rules stricter.json --calls-at-once 50
  $ temporal-polyai campaign plan spring --contacts csv --output plan.csv
`,
    )
    .action(async (campaignId: string, { callLength, days, contacts, output, json = false, ...flags }: PlanFlags) => {
      const { runPlan } = await import('./run-plan.js');
      const code = await runPlan({ campaignId, flags, callLengthMs: callLength, days, contacts, output, json });
      // Text that nobody reads from stdout would keep the process alive.
      if (code === EXIT_CODES.interrupted) process.exit(code);
      process.exitCode = code;
    });
}

const CALL_LENGTH = { minMs: 1_000, maxMs: 4 * HOUR_MS };

function callLengthArgument(value: string): number {
  const { minMs, maxMs } = CALL_LENGTH;
  const ms = parseDurationMs(value);
  if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
  const range = `from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  throw new InvalidArgumentError(`It must be a duration ${range}, such as "90s".`);
}

function daysArgument(value: string): number {
  if (/^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= 365) return Number(value);
  throw new InvalidArgumentError('It must be a whole number from 1 to 365.');
}
