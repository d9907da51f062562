import type { Command } from 'commander';

import { limitArgument } from '../arguments.js';

interface ListFlags {
  readonly all?: boolean;
  readonly alarm?: boolean;
  readonly taskQueue?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** `temporal-polyai monitors` */
export function addMonitorsCommand(program: Command): void {
  const monitors = program
    .command('monitors')
    .summary('list the monitors of calls')
    .description("Reads from Temporal's server which monitors there are. Starts nothing and needs no worker.")
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-polyai monitors list\n  $ temporal-polyai monitors list --alarm    calls whose outcome is at risk\n',
    );
  monitors
    .command('list')
    .summary('list monitors: status, age, alarm, last error')
    .description(
      'Lists running monitors, the latest start first: the status of the call, since when it is monitored, the alarm, and ' +
        'why the last poll failed.',
    )
    .option('--all', 'also those that have ended')
    .option('--alarm', 'only those with an alarm; needs the search attribute PolyAiAlarm')
    .option('--task-queue <name>', 'only those of this task queue')
    .option('--limit <number>', 'at most so many; 0 lists all', limitArgument, 50)
    .option('--json', 'print one JSON object for each line')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai monitors list
  $ temporal-polyai monitors list --alarm
  $ temporal-polyai monitors list --limit 0 --json | jq -r 'select(.lastError) | .callSid'
`,
    )
    .action(async ({ all = false, alarm = false, taskQueue, limit, json = false }: ListFlags) => {
      const { listMonitors } = await import('./run-monitors.js');
      process.exitCode = await listMonitors({ all, alarm, taskQueue, limit: limit || Infinity, json });
    });
}
