export { monitorFailureOf, type MonitorFailure } from '../contract/index.js';
export { MonitorHandle, type FollowOptions } from './monitor-handle.js';
export type { LookOptions, MonitorView, PendingPoll } from './monitor-view.js';
export { getMonitor, startMonitor, type StartMonitorOptions } from './start-monitor.js';
