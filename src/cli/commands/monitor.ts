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
    .summary('monitor a call and follow it to its end')
    .description(
      "Starts a call's monitor, or attaches to the one there is, and follows it to the call's final status. The monitor " +
        'lives in Temporal: Ctrl-C ends the following only. The progress goes to stderr, the result to stdout.',
    )
    .argument('<callSid>', 'SID of the call, as PolyAI returned it (OUT-…)', callSidArgument)
    .option('--interval <duration>', 'time between two polls (default: 3s)', durationArgument('polling.interval'))
    .option(
      '--hold <duration>',
      'how long one activity goes on polling; what it sees is shown every minute or so (default: 0s)',
      durationArgument('polling.hold'),
    )
    .option('--deadline <duration>', 'when to give up, from the start (default: 4h)', durationArgument('deadline'))
    .option(
      '--not-found-grace <duration>',
      'how long the API may not know the call yet (default: 0s)',
      durationArgument('notFoundGrace'),
    )
    .option('--account <name>', "whose call it is, by the account's name on the worker (default: its default account)")
    .option('--task-queue <name>', 'the task queue (default: POLYAI_TASK_QUEUE, else "polyai-outbound-calls")')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      `
A monitor that is there already keeps the settings it was started with. One that failed is started again.

Examples:
  $ temporal-polyai monitor OUT-1234567
  $ temporal-polyai monitor OUT-1234567 --interval 5s --deadline 30m --not-found-grace 10s
  $ temporal-polyai monitor OUT-1234567 --json | jq -r .status
`,
    )
    .action(
      async (
        callSid: string,
        { json = false, account, taskQueue, interval, hold = 0, deadline, notFoundGrace }: MonitorFlags,
      ) => {
        const { runMonitor } = await import('../monitor/run-monitor.js');
        const input = { callSid, account, polling: { interval, hold }, deadline, notFoundGrace };
        process.exitCode = await runMonitor({ input, taskQueue, json });
      },
    );
}
