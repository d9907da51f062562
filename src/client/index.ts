export { MONITOR_ENDED_FAILURE_TYPE } from '../contract/completion.js';
export { monitorFailureOf, type MonitorFailure } from '../contract/failures.js';
export { awaitCallOutcome, type AwaitCallOutcomeOptions } from './await-call-outcome.js';
export { awaitMonitors, type AwaitMonitorsOptions } from './await-monitors.js';
export { MonitorHandle, type FollowOptions } from './monitor-handle.js';
export type { LookOptions, MonitorView, PendingPoll } from './monitor-view.js';
export type { MonitorOutcome } from './monitor-outcome.js';
export { getMonitor, startMonitor, type StartMonitorOptions } from './start-monitor.js';
