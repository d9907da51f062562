import { Argument, type Command } from 'commander';

import { REPORTED_DISPOSITIONS, type ReportedDisposition } from '../../../contract/disposition.js';

interface DispositionFlags {
  readonly callBackAt?: string;
  readonly source: string;
  readonly json?: boolean;
}

/** `temporal-polyai campaign disposition` */
export function addDispositionCommand(campaign: Command): void {
  campaign
    .command('disposition')
    .summary('say how a call went')
    .description(
      "Reports the disposition of an attempt, before or after its call has ended. The ID of the attempt is in the call's " +
        'metadata, as temporal_polyai_attempt, and in `campaign export --attempts`.',
    )
    .argument('<attemptId>', 'the attempt')
    .addArgument(new Argument('<disposition>', 'how it went').choices(REPORTED_DISPOSITIONS))
    .option('--call-back-at <time>', 'when to call again, such as 2026-12-01T10:00:00Z; of call-back')
    .option('--source <text>', 'where the report comes from', 'command line')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai campaign disposition 1f0c… opted-out
  $ temporal-polyai campaign disposition 1f0c… call-back --call-back-at 2026-12-01T10:00:00Z
`,
    )
    .action(async (attemptId: string, disposition: ReportedDisposition, flags: DispositionFlags) => {
      const { reportDisposition } = await import('./run-disposition.js');
      const { callBackAt, source, json = false } = flags;
      process.exitCode = await reportDisposition({ attemptId, disposition, callBackAt, source }, json);
    });
}
