export { MONITOR_ENDED_FAILURE_TYPE } from './contract/completion.js';
export { monitorFailureOf, type MonitorFailure } from './contract/failures.js';
export { awaitCallOutcome, type AwaitCallOutcomeOptions } from './client/await-call-outcome.js';
export { awaitMonitors, type AwaitMonitorsOptions } from './client/await-monitors.js';
export { MonitorHandle, type FollowOptions } from './client/monitor-handle.js';
export type { DescribeOptions, MonitorDescription, PendingPoll } from './client/describe-monitor.js';
// eslint-disable-next-line @typescript-eslint/no-deprecated -- the names that 0.1.0 had
export type { LookOptions, MonitorView } from './client/describe-monitor.js';
export type { SettledMonitor } from './client/server.js';
export { getMonitor, startMonitor, type StartMonitorOptions } from './client/start-monitor.js';
