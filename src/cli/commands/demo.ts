import type { Command } from 'commander';

/** `temporal-polyai demo` */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .summary('monitor five simulated calls, and kill the worker half way')
    .description('Monitors five simulated calls on a real Temporal server, and kills the worker half way.')
    .option('--keep', 'leave everything running afterwards, until Ctrl-C')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-polyai demo\n  $ temporal-polyai demo --keep    look around in the Web UI afterwards\n',
    )
    .action(async ({ keep = false }: { keep?: boolean }) => {
      const { runDemo } = await import('../../playground/demo.js');
      process.exitCode = await runDemo({ keep });
    });
}
