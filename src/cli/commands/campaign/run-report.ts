import type { CampaignStore } from '../../../campaigns/store.js';
import { printError } from '../../../platform/printing.js';
import { withCampaignStore } from '../../campaign-store.js';
import { EXIT_CODES, type ExitCode } from '../../terminal.js';
import { openFileOutput } from '../../file-output.js';
import { ReportCounts, type ReportData } from './report-data.js';
import { renderReport } from './report-page.js';
import { renderPlots } from './report-plots.js';

interface ReportOptions {
  readonly campaignId: string;
  readonly output: string;
  readonly withNumbers: boolean;
}

/** Runs `campaign report`. */
export async function runReport({ campaignId, output, withNumbers }: ReportOptions): Promise<ExitCode> {
  const page = await withCampaignStore(async (store) => {
    const progress = await store.progress(campaignId);
    const data = await readReport(store, campaignId);
    return renderReport({ progress, data, plots: renderPlots(data), withNumbers });
  });
  const file = await openFileOutput(output);
  try {
    await file.write(page);
    await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
  printError(`written to ${output}`);
  return EXIT_CODES.done;
}

/** Counts the rows of a campaign, page by page. */
export async function readReport(
  store: Pick<CampaignStore, 'contacts' | 'attempts'>,
  campaignId: string,
): Promise<ReportData> {
  const counts = new ReportCounts();
  for await (const contact of store.contacts(campaignId)) counts.addContact(contact);
  for await (const attempt of store.attempts(campaignId)) counts.addAttempt(attempt);
  return counts.result();
}
