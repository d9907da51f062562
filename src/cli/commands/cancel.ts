import type { Command } from 'commander';

import { callSidArgument } from '../arguments.js';

/** `temporal-polyai cancel` */
export function addCancelCommand(program: Command): void {
  program
    .command('cancel')
    .summary('end the monitor of a call')
    .description(
      'Cancels the running monitor of a call: it polls once more, saves what it knows and ends. This does not hang up ' +
        'the call. "temporal-polyai monitor" starts the monitor again.',
    )
    .argument('<callSid>', 'SID of the call (OUT-…)', callSidArgument)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  $ temporal-polyai cancel OUT-1234567\n')
    .action(async (callSid: string, { json = false }: { json?: boolean }) => {
      const { cancelMonitor } = await import('./run-requests.js');
      process.exitCode = await cancelMonitor({ callSid, json });
    });
}
