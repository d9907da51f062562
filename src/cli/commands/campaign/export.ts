import { type Command, Option } from 'commander';

import { campaignArgument, fileArgument } from '../../arguments.js';
import { EXIT_CODES } from '../../terminal.js';
import type { ExportFormat } from '../export-items.js';

interface ExportFlags {
  readonly contacts?: boolean;
  readonly attempts?: boolean;
  readonly format: ExportFormat;
  readonly output?: string;
}

/** `temporal-polyai campaign export` */
export function addExportCommand(campaign: Command): void {
  campaign
    .command('export')
    .summary('write contacts or attempts as CSV or JSON Lines')
    .description(
      'Writes all contacts of a campaign, in the order of their numbers, or all its attempts, by contact, as CSV ' +
        '(RFC 4180) or JSON Lines. Contacts are written with their phone numbers, attempts without.',
    )
    .argument('<campaign>', 'the campaign', campaignArgument)
    .addOption(new Option('--contacts', 'the contacts; unless --attempts').conflicts('attempts'))
    .option('--attempts', 'the attempts')
    .addOption(new Option('--format <format>', 'the format').choices(['csv', 'jsonl']).makeOptionMandatory())
    .option('--output <file>', 'where to write (default: stdout)', fileArgument)
    .addHelpText(
      'after',
      `
In CSV, text that a spreadsheet would run as a formula begins with an apostrophe.

Examples:
  $ temporal-polyai campaign export spring --format csv --output contacts.csv
  $ temporal-polyai campaign export spring --attempts --format jsonl | jq -r 'select(.state == "ambiguous")'
`,
    )
    .action(async (campaignId: string, { attempts = false, format, output }: ExportFlags) => {
      const { exportCampaign } = await import('./run-export.js');
      const code = await exportCampaign({ campaignId, what: attempts ? 'attempts' : 'contacts', format, output });
      // Text that nobody reads from stdout would keep the process alive.
      if (code === EXIT_CODES.interrupted) process.exit(code);
      process.exitCode = code;
    });
}
