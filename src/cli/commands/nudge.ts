import type { Command } from 'commander';

import { callSidArgument } from '../arguments.js';

/** `temporal-polyai nudge` */
export function addNudgeCommand(program: Command): void {
  program
    .command('nudge')
    .summary('make the monitor of a call poll now')
    .description('Makes the running monitor of a call poll now: it ends its current wait or long poll.')
    .argument('<callSid>', 'SID of the call (OUT-…)', callSidArgument)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  $ temporal-polyai nudge OUT-1234567\n')
    .action(async (callSid: string, { json = false }: { json?: boolean }) => {
      const { nudgeMonitor } = await import('./run-requests.js');
      process.exitCode = await nudgeMonitor({ callSid, json });
    });
}
