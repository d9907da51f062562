import { isFailureType, type FailureType } from './failure-types.js';
import type { MonitorFailureDetails } from './monitor-outbound-call.js';

/** Why a monitor ended without a final status. */
export interface MonitorFailure {
  readonly type: FailureType;
  readonly message: string;
  /** What the monitor had seen; absent for input that was refused. */
  readonly details?: MonitorFailureDetails;
}

/**
 * The failure of this package inside what awaiting a monitor threw: in a backend or in a parent workflow, directly or as
 * a cause. `undefined` for any other error.
 */
export function monitorFailureOf(error: unknown): MonitorFailure | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const { name, message, type, details } = inner as Error & { type?: unknown; details?: unknown };
    if (name !== 'ApplicationFailure' || !isFailureType(type)) continue;
    const [first] = (Array.isArray(details) ? details : []) as [MonitorFailureDetails?];
    return { type, message, ...(first && { details: first }) };
  }
  return undefined;
}
