import { type Command, Option } from 'commander';

import type { OutcomeQuery } from '../../outcomes/store.js';
import { callSidArgument, fileArgument, limitArgument, timeArgument } from '../arguments.js';
import { EXIT_CODES } from '../terminal.js';
import type { ExportFormat } from './export-items.js';

const EXPORT_FORMATS: readonly ExportFormat[] = ['csv', 'jsonl'];

interface FilterFlags {
  readonly status?: OutcomeQuery['status'];
  readonly since?: string;
  readonly until?: string;
  readonly account?: string;
}

/** `temporal-polyai outcomes` */
export function addOutcomesCommand(program: Command): void {
  const outcomes = program
    .command('outcomes')
    .summary('list, show and export stored outcomes')
    .description(
      'Reads outcomes of calls from the store in POLYAI_OUTCOMES_URL (default: the file ' +
        '.temporal-polyai/outcomes.sqlite). Needs neither Temporal nor a worker.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai outcomes list --status none --since 24h    calls without a terminal status, and why
  $ temporal-polyai outcomes show OUT-1234567
  $ temporal-polyai outcomes export --format csv --output outcomes.csv
`,
    );
  addListCommand(outcomes);
  addShowCommand(outcomes);
  addExportCommand(outcomes);
}

function addListCommand(outcomes: Command): void {
  const list = outcomes
    .command('list')
    .summary('list outcomes, newest first')
    .description('Lists outcomes, newest first. The status "none" means that no terminal status was observed.');
  addFilterOptions(list)
    .option('--limit <number>', 'at most so many; 0 lists all', limitArgument, 50)
    .option('--json', 'print one JSON object for each line')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai outcomes list
  $ temporal-polyai outcomes list --status none --since 24h
  $ temporal-polyai outcomes list --since 2026-01-31 --until 2026-02-01 --limit 0 --json | jq -r .reason
`,
    )
    .action(async ({ limit, json = false, ...query }: FilterFlags & { limit: number; json?: boolean }) => {
      const { listOutcomes } = await import('./run-outcomes.js');
      process.exitCode = await listOutcomes({ query, limit: limit || Infinity, json });
    });
}

function addShowCommand(outcomes: Command): void {
  outcomes
    .command('show')
    .summary('show everything that is stored about one call')
    .description("Shows everything that is stored about one call. The exit code is that of the call's status.")
    .argument('<callSid>', 'SID of the call (OUT-…)', callSidArgument)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai outcomes show OUT-1234567
  $ temporal-polyai outcomes show OUT-1234567 --json | jq .timeline
`,
    )
    .action(async (callSid: string, { json = false }: { json?: boolean }) => {
      const { showOutcome } = await import('./run-outcomes.js');
      process.exitCode = await showOutcome({ callSid, json });
    });
}

function addExportCommand(outcomes: Command): void {
  const command = outcomes
    .command('export')
    .summary('write any number of outcomes as CSV or JSON Lines')
    .description('Writes any number of outcomes, newest first, as CSV (RFC 4180) or JSON Lines.');
  addFilterOptions(command)
    .addOption(new Option('--format <format>', 'the format').choices(EXPORT_FORMATS).makeOptionMandatory())
    .option('--output <file>', 'where to write (default: stdout)', fileArgument)
    .addHelpText(
      'after',
      `
In CSV, text that a spreadsheet would run as a formula begins with an apostrophe.

Examples:
  $ temporal-polyai outcomes export --format csv --output outcomes.csv
  $ temporal-polyai outcomes export --format jsonl --since 24h | gzip > outcomes.jsonl.gz
`,
    )
    .action(async ({ format, output, ...query }: FilterFlags & { format: ExportFormat; output?: string }) => {
      const { exportOutcomes } = await import('./export-outcomes.js');
      const code = await exportOutcomes({ query, format, output });
      // Text that nobody reads from stdout would keep the process alive.
      if (code === EXIT_CODES.interrupted) process.exit(code);
      process.exitCode = code;
    });
}

function addFilterOptions(command: Command): Command {
  return command
    .addOption(new Option('--status <status>', 'only with this status').choices(['success', 'failure', 'none']))
    .option('--since <time>', 'only saved since then: "24h" ago, or a date and time in UTC', timeArgument)
    .option('--until <time>', 'only saved before then', timeArgument)
    .option('--account <name>', 'only of this account');
}
