import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { CampaignActivities } from 'temporal-polyai/activities';
import { awaitCallOutcome } from 'temporal-polyai/workflows';

const { triggerCall } = proxyActivities<CampaignActivities>({ startToCloseTimeout: '2m' });

/** A contact of a campaign that no `runCallCampaign` runs. Its phone number is in the database, and in no history. */
export interface CampaignContact {
  readonly campaignId: string;
  readonly contactId: string;
}

/**
 * Calls a contact once, as soon as the rules of its campaign allow it, and returns how the call went, or why there was none.
 * Each attempt dials at most once, however often the activity is repeated or the workflow is reset.
 */
export async function callByRules({ campaignId, contactId }: CampaignContact): Promise<string> {
  for (;;) {
    const call = await triggerCall({ campaignId, contactId, attempt: 1 });
    if (call.kind === 'posted') {
      const { status } = await awaitCallOutcome({ callSid: call.callSid }, { taskQueue: workflowInfo().taskQueue });
      return status;
    }
    if (call.kind === 'ambiguous' || call.retryAt === undefined) return `${call.kind}: ${call.reason}`;
    await sleep(Math.max(1_000, Date.parse(call.retryAt) - Date.now()));
  }
}
