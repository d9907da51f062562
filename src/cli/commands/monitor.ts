import type { Command } from 'commander';

import { callSidArgument, durationArgument } from '../arguments.js';

interface MonitorFlags {
  readonly interval?: number;
  readonly hold?: number;
  readonly deadline?: number;
  readonly notFoundGrace?: number;
  readonly account?: string;
  readonly taskQueue?: string;
  readonly json?: boolean;
}

/** `temporal-polyai monitor` */
export function addMonitorCommand(program: Command): void {
  program
    .command('monitor')
    .summary('monitor a call and follow it to its completion')
    .description(
      'Starts the monitor of a call, or attaches to the one that exists, and follows it to its completion. Ctrl-C ends ' +
        'the command, not the monitor. Progress goes to stderr, the result to stdout.',
    )
    .argument('<callSid>', 'SID of the call, as PolyAI returned it (OUT-…)', callSidArgument)
    .option('--interval <duration>', 'time between two polls (default: 3s)', durationArgument('polling.interval'))
    .option(
      '--hold <duration>',
      'how long one activity polls; 0: each poll is an activity (default: 10m)',
      durationArgument('polling.hold'),
    )
    .option('--deadline <duration>', 'when the monitor gives up (default: 4h)', durationArgument('deadline'))
    .option(
      '--not-found-grace <duration>',
      'how long a 404 is retried at first (default: 0s)',
      durationArgument('notFoundGrace'),
    )
    .option('--account <name>', 'the account of the call, by its name on the worker (default: the default account)')
    .option('--task-queue <name>', 'the task queue (default: POLYAI_TASK_QUEUE, else "polyai-outbound-calls")')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      `
A monitor that exists keeps the settings it was started with. One that failed is started again.

Examples:
  $ temporal-polyai monitor OUT-1234567
  $ temporal-polyai monitor OUT-1234567 --interval 5s --deadline 30m --not-found-grace 10s
  $ temporal-polyai monitor OUT-1234567 --json | jq -r .status
`,
    )
    .action(
      async (
        callSid: string,
        { json = false, account, taskQueue, interval, hold, deadline, notFoundGrace }: MonitorFlags,
      ) => {
        const { runMonitor } = await import('./run-monitor.js');
        const input = { callSid, account, polling: { interval, hold }, deadline, notFoundGrace };
        process.exitCode = await runMonitor({ input, taskQueue, json });
      },
    );
}
