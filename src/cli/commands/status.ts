import type { Command } from 'commander';

import { callSidArgument } from '../arguments.js';

/** `temporal-polyai status` */
export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .summary('show what Temporal knows about the monitor of a call')
    .description('Shows once what Temporal knows about the monitor of a call. Starts nothing and needs no worker.')
    .argument('<callSid>', 'SID of the call (OUT-…)', callSidArgument)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-polyai status OUT-1234567\n  $ temporal-polyai status OUT-1234567 --json | jq .state\n',
    )
    .action(async (callSid: string, { json = false }: { json?: boolean }) => {
      const { runStatus } = await import('./run-status.js');
      process.exitCode = await runStatus({ callSid, json });
    });
}
