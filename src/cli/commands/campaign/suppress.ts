import type { Command } from 'commander';

import { countryArgument, fileArgument } from '../../arguments.js';

interface SuppressFlags {
  readonly file?: string;
  readonly country?: string;
  readonly reason: string;
  readonly source: string;
}

/** `temporal-polyai campaign suppress` */
export function addSuppressCommand(campaign: Command): void {
  campaign
    .command('suppress')
    .summary('take a phone number out of all campaigns')
    .description(
      'From now on no campaign calls the number, not even one that is about to. Without arguments numbers are read from ' +
        'stdin or a file, one a line, which leaves them out of the shell history and the list of processes.',
    )
    .argument('[number...]', 'the numbers')
    .option('--file <file>', 'a file of numbers, one a line (default: stdin)', fileArgument)
    .option('--country <code>', 'country of numbers without a country code, such as GB', countryArgument)
    .option('--reason <text>', 'why, for the list of suppressions', 'opted out')
    .option('--source <text>', 'where it comes from', 'command line')
    .addHelpText(
      'after',
      `
All other numbers are suppressed when some cannot be read; their lines are printed, and the exit code is 1.

Examples:
  $ temporal-polyai campaign suppress                            reads numbers until Ctrl-D
  $ temporal-polyai campaign suppress --file opted-out.txt --reason 'letter, 2026-03'
`,
    )
    .action(async (numbers: readonly string[], { file, country, reason, source }: SuppressFlags) => {
      const { suppressNumbers } = await import('./run-suppress.js');
      process.exitCode = await suppressNumbers({ numbers, file, country, reason, source });
    });
}
