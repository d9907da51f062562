export {
  monitorFailureOf,
  MonitorHandle,
  type FollowOptions,
  type MonitorFailure,
  type PendingPoll,
} from './monitor-handle.js';
export { getMonitor, startMonitor, type StartMonitorOptions } from './start-monitor.js';
