import type { Command } from 'commander';

/** `temporal-polyai demo` */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .summary('monitor five simulated calls, and kill the worker half way; or run a simulated campaign')
    .description(
      'Monitors five simulated calls on a real Temporal server, and kills the worker half way. With --campaign it calls a list ' +
        'of 40 simulated contacts instead.',
    )
    .option('--campaign', 'run a campaign instead')
    .option('--keep', 'leave everything running afterwards, until Ctrl-C')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-polyai demo\n  $ temporal-polyai demo --keep    look around in the Web UI afterwards\n  $ temporal-polyai demo --campaign\n',
    )
    .action(async ({ campaign = false, keep = false }: { campaign?: boolean; keep?: boolean }) => {
      const { runDemoCommand } = await import('./run-demo.js');
      process.exitCode = await runDemoCommand({ campaign, keep });
    });
}
