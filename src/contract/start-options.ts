import { monitorWorkflowId } from './names.js';

/** Markdown that the Web UI shows of a workflow, also while no worker runs. */
export interface UserMetadata {
  readonly staticSummary: string;
  readonly staticDetails: string;
}

const MONITOR_DETAILS = [
  'Polls the status of one outbound call at PolyAI until it is `success` or `failure`, and then completes. A call that ended ' +
    'in `failure` is a result: see its `reason`.',
  'Current Details say how it goes. While no worker runs they are empty: the status is then under Search Attributes or Memo, ' +
    'the last error under Pending Activities.',
  'The signal `nudge` polls now. Cancelling the workflow ends the monitoring and does not hang up the call.',
].join('\n\n');

const CAMPAIGN_DETAILS = [
  "Dials a list of contacts by the campaign's rules. Each call has a monitor, the workflow `outbound-call-<call SID>`. " +
    "Contacts, attempts and counts are in the worker's database.",
  'Current Details say how it goes; while no worker runs they are empty. The updates `pause`, `resume`, `cancel`, ' +
    '`changeRules`, `changeLimits`, `retryAmbiguous` and `retryFailed` change it.',
].join('\n\n');

interface MonitorStartOptions extends UserMetadata {
  readonly workflowId: string;
  /** A monitor that has returned a result is not started again. */
  readonly workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY';
  readonly memo: Record<string, unknown>;
}

interface Starter {
  readonly memo?: Readonly<Record<string, unknown>> | undefined;
  readonly campaignId?: string;
}

/** The options that every start of a monitor in this package has. */
export function monitorStartOptions(callSid: string, { memo, campaignId }: Starter = {}): MonitorStartOptions {
  const ofCampaign = campaignId === undefined ? '' : ` of campaign ${campaignId}`;
  return {
    workflowId: monitorWorkflowId(callSid),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    staticSummary: `PolyAI outbound call ${callSid}${ofCampaign}`,
    staticDetails: MONITOR_DETAILS,
    memo: { ...memo, ...(campaignId !== undefined && { campaignId }), callSid },
  };
}

/** User metadata of a campaign's workflow; every starter in this package sets it. */
export function campaignMetadata(campaignId: string): UserMetadata {
  return { staticSummary: `Call campaign ${campaignId}`, staticDetails: CAMPAIGN_DETAILS };
}
