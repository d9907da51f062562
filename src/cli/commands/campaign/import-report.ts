import type { Campaign } from '../../../campaigns/records.js';
import { counted, print, printError, printJson } from '../../../platform/printing.js';
import type { ImportResult } from '../../contacts-file/import-rows.js';
import { CliError, EXIT_CODES, type ExitCode } from '../../terminal.js';

interface ReportOptions {
  /** Absent after a dry run. */
  readonly campaign?: Pick<Campaign, 'campaignId' | 'state'>;
  readonly file: string;
  /** The file of rejects. */
  readonly rejects: string | undefined;
  readonly json: boolean;
}

/** Says what became of an import, and returns the exit code. */
export function reportImport(result: ImportResult, options: ReportOptions): ExitCode {
  const { campaign, json } = options;
  const { isInterrupted, ...counts } = result;
  if (counts.rows === 0 && !isInterrupted) throw new CliError(`${options.file} has a header, and no rows`);
  if (json) printJson({ ...(campaign && { campaignId: campaign.campaignId }), ...counts, isDryRun: !campaign });
  else print(renderReport(result, options));
  if (isInterrupted) {
    printError('interrupted; run the same command again to import the rest: no contact is added twice');
    return EXIT_CODES.interrupted;
  }
  return counts.rejected > 0 ? EXIT_CODES.error : EXIT_CODES.done;
}

function renderReport(result: ImportResult, { campaign, file, rejects }: ReportOptions): string {
  const { added, updated, rejected, withoutConsent, zonesByNumber, isInterrupted } = result;
  const head = campaign
    ? `${campaign.campaignId}: ${counted(added, 'contact')} added, ${updated} updated`
    : `${file}: ${counted(added, 'contact')}; nothing was imported`;
  const where = rejects !== undefined && !isInterrupted ? `: ${rejects}` : '';
  return [
    head,
    ...(rejected > 0 ? [`${rejected} of ${result.rows} rows rejected${where}`] : []),
    ...(withoutConsent > 0
      ? [`${counted(withoutConsent, 'contact')} without consent, not called unless the rules allow it`]
      : []),
    ...(zonesByNumber > 0
      ? [
          `${counted(zonesByNumber, 'contact')} without a time zone: called only when the window is open in every zone their number may be in`,
        ]
      : []),
    ...(campaign && added > 0 ? whenCalled(campaign) : []),
  ].join('\n');
}

function whenCalled({ campaignId, state }: Pick<Campaign, 'campaignId' | 'state'>): string[] {
  if (state === 'completed') return ['the campaign is completed: start it again to call the new contacts'];
  if (state !== 'running') return [];
  return [
    'the campaign sees the new contacts within ten minutes, or at once: ' +
      `temporal-polyai campaign start ${campaignId}`,
  ];
}
