import { type CampaignReconciliation, reconcileCampaign } from '../../../client/reconcile-campaign.js';
import { counted, print, printError, printJson } from '../../../platform/printing.js';
import { withCampaignStore } from '../../campaign-store.js';
import { withTemporal } from '../../temporal.js';
import { EXIT_CODES, type ExitCode } from '../../terminal.js';

interface ReconcileOptions {
  readonly campaignId: string;
  readonly json: boolean;
}

/** Runs `campaign reconcile`. */
export async function runReconcile({ campaignId, json }: ReconcileOptions): Promise<ExitCode> {
  const found = await withTemporal((client) =>
    withCampaignStore((store) => reconcileCampaign(client, { campaignId, store })),
  );
  const problems = problemsOf(found);
  if (json) {
    printJson({ campaignId, ...found });
  } else {
    const { calls, ambiguous, recorded } = found;
    print(
      `${campaignId}: Temporal knows of ${counted(calls, 'call')} and ${counted(ambiguous, 'ambiguous attempt')}; ` +
        `${recorded} of them were not in the database, and are now`,
    );
    for (const problem of problems) printError(problem);
  }
  return problems.length > 0 ? EXIT_CODES.error : EXIT_CODES.done;
}

/** What is left to be done by a person. */
function problemsOf({ withoutContact, missing, unreadable }: CampaignReconciliation): string[] {
  return [
    ...withoutContact.map(
      ({ attemptId, callSid }) =>
        `the contact of ${callSid === undefined ? `attempt ${attemptId}` : `call ${callSid}`} is not in the database: ` +
        "if it is imported again, it may be called again; PolyAI knows the call's number",
    ),
    ...(missing > 0
      ? [
          `${counted(missing, 'attempt')} more, which the workflow has counted, ${missing === 1 ? 'is' : 'are'} known neither to the ` +
            "database nor to Temporal's monitors: the contacts may be called again",
        ]
      : []),
    ...(unreadable > 0
      ? [
          `${counted(unreadable, 'monitor')} cannot be decoded: use reconcileCampaign of temporal-polyai/client with a client that ` +
            'has your payload codec',
        ]
      : []),
  ];
}
