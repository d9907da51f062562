import type { Command } from 'commander';

import type { DevOptions } from '../../playground/dev.js';
import { fileArgument, portArgument } from '../arguments.js';

/** `temporal-polyai dev` */
export function addDevCommand(program: Command): void {
  program
    .command('dev')
    .summary('run Temporal, its Web UI, the simulator and a worker in this terminal')
    .description(
      'Runs a Temporal dev server with its Web UI, the simulator and a worker, until Ctrl-C. The next start goes on ' +
        'with what was running. With TEMPORAL_ADDRESS set it uses that Temporal; with POLYAI_AUTH_TOKEN and ' +
        'POLYAI_REGION (or POLYAI_BASE_URL) set, the real API.',
    )
    .option('--data <file>', 'database file of the dev server', fileArgument, '.temporal-polyai/dev.db')
    .option('--port <port>', 'port of Temporal; 0 takes a free one', portArgument, 7233)
    .option('--ui-port <port>', 'port of the Web UI; 0 takes a free one', portArgument, 8233)
    .option('--simulator-port <port>', 'port of the simulator; 0 takes a free one', portArgument, 8234)
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai dev
  $ temporal-polyai dev --port 0 --ui-port 0 --simulator-port 0 --data /tmp/playground.db
  $ POLYAI_AUTH_TOKEN=… POLYAI_REGION=us-1 temporal-polyai dev    real calls, local Temporal
`,
    )
    .action(async (options: DevOptions) => {
      const { runDev } = await import('../../playground/dev.js');
      process.exitCode = await runDev(options);
    });
}
