import type { MonitorDescription, PendingPoll } from '../client/describe-monitor.js';
import type { MonitorHandle } from '../client/monitor-handle.js';
import { monitorFailureOf } from '../contract/failures.js';
import type { MonitorPhase } from '../contract/monitor.js';
import type { DemoCall, MonitoredCall } from './demo-calls.js';

/** What Temporal knows about a call at one moment. */
export interface DemoView {
  readonly call: DemoCall;
  readonly callSid: string;
  /** Absent before the first observation. */
  readonly status?: string | undefined;
  readonly phase: MonitorPhase | 'no worker';
  /** Includes the attempts of a poll that is being retried; absent when no worker responds. */
  readonly polls?: number | undefined;
  /** Attempt and error of a poll that is being retried. */
  readonly retryInfo: string;
  /** From the monitor's start to now or to its end. */
  readonly seconds: number;
  /** Present when the monitor has ended. */
  readonly outcome?: DemoOutcome;
}

/** How a monitor ended. */
interface DemoOutcome {
  /** The terminal status, or the type of the failure. */
  readonly kind: string;
  readonly text: string;
}

type MonitorFields = Omit<DemoView, 'call' | 'callSid' | 'seconds'>;

/** A running worker answers a query sooner. */
const QUERY_TIMEOUT_MS = 1_500;

/** Describes a call's monitor. What only a worker knows is absent when none responds. */
export async function viewCall({ call, monitor }: MonitoredCall): Promise<DemoView> {
  const view = await monitor.describe({ workerTimeoutMs: QUERY_TIMEOUT_MS });
  const { callSid, startedAt, closedAt = new Date() } = view;
  const fields = view.state === 'RUNNING' ? runningFields(view) : await closedFields(monitor);
  const seconds = Math.max(0, closedAt.getTime() - startedAt.getTime()) / 1_000;
  return { call, callSid, seconds, ...fields };
}

function runningFields({ progress, callStatus, polls, pendingPoll }: MonitorDescription): MonitorFields {
  return {
    status: callStatus,
    phase: progress?.phase ?? 'no worker',
    polls,
    retryInfo: retryInfoOf(pendingPoll),
  };
}

function retryInfoOf(poll: PendingPoll | undefined): string {
  return poll?.lastFailure ? `attempt ${poll.attempt}, ${poll.lastFailure.message}` : '';
}

async function closedFields(monitor: MonitorHandle): Promise<MonitorFields> {
  try {
    const { status, reason, polls } = await monitor.result();
    const outcome = { kind: status, text: reason ? `${status}: ${reason}` : status };
    return { status, phase: 'finished', polls, retryInfo: '', outcome };
  } catch (error) {
    const failure = monitorFailureOf(error);
    if (!failure) throw error;
    const { type, details } = failure;
    const status = details?.lastObservation?.status;
    return { status, phase: 'failed', polls: details?.polls, retryInfo: '', outcome: { kind: type, text: type } };
  }
}
