import type { Command } from 'commander';

/** `temporal-polyai worker` */
export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .summary('run the worker that the environment describes')
    .description(
      'Runs the worker in the foreground, until Ctrl-C or SIGTERM; polls in progress complete first. Needs Temporal, and ' +
        'POLYAI_AUTH_TOKEN or POLYAI_AUTH_TOKEN_FILE with POLYAI_REGION or POLYAI_BASE_URL, or POLYAI_ACCOUNTS_FILE.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ POLYAI_AUTH_TOKEN=… POLYAI_REGION=uk-1 temporal-polyai worker
  $ POLYAI_WORKFLOW_BUNDLE=workflows.js temporal-polyai worker    starts faster, see "temporal-polyai bundle --help"
`,
    )
    .action(async () => {
      const { runConfiguredWorker } = await import('../../worker/main.js');
      await runConfiguredWorker();
    });
}
