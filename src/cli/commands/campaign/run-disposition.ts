import type { DispositionReport } from '../../../contract/disposition-report.js';
import { print, printError, printJson } from '../../../platform/printing.js';
import { withCampaignStore } from '../../campaign-store.js';
import { CliError, EXIT_CODES, type ExitCode } from '../../terminal.js';

/** Runs `campaign disposition`. */
export async function reportDisposition(report: DispositionReport, json: boolean): Promise<ExitCode> {
  return await withCampaignStore(async (store) => {
    const recorded = await store.recordDisposition(report).catch((error: unknown) => {
      throw error instanceof TypeError ? new CliError(error.message, EXIT_CODES.usage) : error;
    });
    const { isNew, campaignId, campaignState, contactState, dueAt } = recorded;
    if (json) printJson(recorded);
    else
      print(
        `${campaignId}: ${isNew ? 'recorded' : 'recorded before'}; the contact is ${contactState}${dueAt ? `, due at ${dueAt}` : ''}`,
      );
    const isIdle = contactState === 'waiting' && campaignState !== 'running';
    if (!json && isIdle) printError(`the campaign is ${campaignState}: nobody is dialled until it runs`);
    return EXIT_CODES.done;
  });
}
