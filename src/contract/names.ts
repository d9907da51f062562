/**
 * Durable names: saved workflow histories, other people's code and operators depend on them.
 * None may change without a new major version.
 */

/** The task queue that the worker polls and that starters use by default. */
export const DEFAULT_TASK_QUEUE = 'polyai-outbound-calls';

/** Workflow type of the monitor. */
export const MONITOR_WORKFLOW_TYPE = 'monitorOutboundCall';

/** Activity type of a single poll or a long poll. */
export const GET_STATUS_ACTIVITY_TYPE = 'getStatus';

/** Activity type of a save of an outcome that `getStatus` did not save. */
export const SAVE_OUTCOME_ACTIVITY_TYPE = 'saveOutcome';

/** Activity type that reads how a monitor ended, or that it is still running. */
export const READ_MONITOR_ACTIVITY_TYPE = 'readMonitor';

/** Query of a monitor; answers with `MonitorProgress`. */
export const PROGRESS_QUERY_NAME = 'progress';

/** Signal of a monitor: poll now, which ends the current wait or long poll. And of a campaign: look at the database now. */
export const NUDGE_SIGNAL_NAME = 'nudge';

/** Signal of a monitor: subscribe the workflow with the given ID to its completion. */
export const NOTIFY_WHEN_ENDED_SIGNAL_NAME = 'notifyWhenEnded';

/** Signal of a monitor from its own `getStatus`: what the long poll has observed (`StatusReport`). Not for other senders. */
export const REPORT_STATUS_SIGNAL_NAME = 'reportStatus';

/** Completion signal: a monitor sends it to each subscriber and says how it ended. */
export const CALL_ENDED_SIGNAL_NAME = 'polyAiCallEnded';

/**
 * Search attribute (type Keyword) that carries the call's latest status. Used only in namespaces where it is
 * registered: `temporal operator search-attribute create --name PolyAiCallStatus --type Keyword`.
 */
export const CALL_STATUS_SEARCH_ATTRIBUTE = 'PolyAiCallStatus';

/**
 * Search attribute (type Keyword) that carries a monitor's alarm, and is empty while there is none. Used only in namespaces
 * where it is registered: `temporal operator search-attribute create --name PolyAiAlarm --type Keyword`.
 */
export const ALARM_SEARCH_ATTRIBUTE = 'PolyAiAlarm';

/** Nexus service whose one operation, named as the workflow type of the monitor, monitors a call to its end. */
export const NEXUS_SERVICE_NAME = 'PolyAiOutboundCalls';

/**
 * The workflow ID of the one monitor of a call: `outbound-call-<callSid>`. Starters that share it share the monitor.
 *
 * @example
 * await executeChild(monitorOutboundCall, { workflowId: monitorWorkflowId(callSid), args: [{ callSid }] });
 */
export function monitorWorkflowId(callSid: string): string {
  return `outbound-call-${callSid}`;
}

/** Workflow type of a call campaign. */
export const CAMPAIGN_WORKFLOW_TYPE = 'runCallCampaign';

/** Updates of a campaign's workflow; each answers with `CampaignProgress`. */
export const CAMPAIGN_UPDATE_NAMES = {
  pause: 'pause',
  resume: 'resume',
  cancel: 'cancel',
  changeRules: 'changeRules',
  changeLimits: 'changeLimits',
  retryAmbiguous: 'retryAmbiguous',
  retryFailed: 'retryFailed',
} as const;

/** Key in a call's metadata that carries the ID of a campaign's attempt; the agent gets it as a SIP header. */
export const ATTEMPT_METADATA_KEY = 'temporal_polyai_attempt';

/** The workflow ID of the one workflow of a campaign: `call-campaign-<campaignId>`. */
export function campaignWorkflowId(campaignId: string): string {
  return `call-campaign-${campaignId}`;
}
