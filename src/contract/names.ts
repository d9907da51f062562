/**
 * Durable names: saved workflow histories, other people's code and operators depend on them.
 * None may change without a new major version.
 */

/** The task queue that the worker polls and that starters use unless told otherwise. */
export const DEFAULT_TASK_QUEUE = 'polyai-outbound-calls';

/** Workflow type of the monitor. */
export const MONITOR_WORKFLOW_TYPE = 'monitorOutboundCall';

/** Query of a monitor; answers with `MonitorProgress`. */
export const PROGRESS_QUERY_NAME = 'progress';

/** Signal of a monitor: poll now instead of at the end of the present wait. */
export const NUDGE_SIGNAL_NAME = 'nudge';

/**
 * Search attribute (type Keyword) that carries the call's latest status. Used only in namespaces where it is
 * registered: `temporal operator search-attribute create --name PolyAiCallStatus --type Keyword`.
 */
export const CALL_STATUS_SEARCH_ATTRIBUTE = 'PolyAiCallStatus';
