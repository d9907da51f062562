import { isAtRisk, type WatchedCall } from './outcome-budget.js';
import type { MonitorError } from './observation.js';

/**
 * What keeps a monitor from knowing how its call goes on, while there is time to act:
 * - `credential-refused`: the API refuses the token;
 * - `api-unreachable`: no good answer for half an hour;
 * - `no-worker`: for half an hour no worker asked.
 */
export type MonitorAlarm = 'credential-refused' | 'api-unreachable' | 'no-worker';

export interface AlarmSource extends WatchedCall {
  readonly credentialRefusedSinceMs?: number | undefined;
  readonly lastError?: Pick<MonitorError, 'type'> | undefined;
}

/** The alarm that a monitor's state gives; nothing after a good answer. */
export function alarmOf(state: AlarmSource, nowMs: number): MonitorAlarm | undefined {
  if (state.credentialRefusedSinceMs !== undefined) return 'credential-refused';
  if (!isAtRisk(state, nowMs)) return undefined;
  return state.lastError?.type.startsWith('Timeout:') ? 'no-worker' : 'api-unreachable';
}
