import type { Command } from 'commander';

import { campaignArgument, fileArgument } from '../../arguments.js';

interface ReportFlags {
  readonly output: string;
  readonly withNumbers?: boolean;
}

/** `temporal-polyai campaign report` */
export function addReportCommand(campaign: Command): void {
  campaign
    .command('report')
    .summary('write an HTML page with plots about a campaign')
    .description(
      'Writes one HTML page that loads nothing: who was reached, outcomes, calls by attempt and by hour of day, pace, and the ' +
        'ambiguous attempts. Needs the database, and neither Temporal nor a worker.',
    )
    .argument('<campaign>', 'ID of the campaign', campaignArgument)
    .requiredOption('--output <file>', 'where to write', fileArgument)
    .option('--with-numbers', 'show the phone numbers of ambiguous contacts')
    .addHelpText('after', '\nExamples:\n  $ temporal-polyai campaign report spring --output report.html\n')
    .action(async (campaignId: string, { output, withNumbers = false }: ReportFlags) => {
      const { runReport } = await import('./run-report.js');
      process.exitCode = await runReport({ campaignId, output, withNumbers });
    });
}
