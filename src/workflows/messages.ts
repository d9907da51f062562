import { defineQuery, defineSignal } from '@temporalio/workflow';

import type { CompletionSignal, NotifyWhenEndedInput } from '../contract/completion.js';
import type { StatusReport } from '../contract/get-status.js';
import type { MonitorProgress } from '../contract/monitor.js';
import {
  CALL_ENDED_SIGNAL_NAME,
  NOTIFY_WHEN_ENDED_SIGNAL_NAME,
  NUDGE_SIGNAL_NAME,
  PROGRESS_QUERY_NAME,
  REPORT_STATUS_SIGNAL_NAME,
} from '../contract/names.js';

/** What a monitor is doing and what it has observed. */
export const progressQuery = defineQuery<MonitorProgress, [], typeof PROGRESS_QUERY_NAME>(PROGRESS_QUERY_NAME);

/** Poll now: ends the current wait or long poll, and the backoff of a poll that is being retried. */
export const nudgeSignal = defineSignal<[], typeof NUDGE_SIGNAL_NAME>(NUDGE_SIGNAL_NAME);

/** From `getStatus` to its own monitor: what the long poll has observed so far. Idempotent. */
export const reportStatusSignal = defineSignal<[StatusReport], typeof REPORT_STATUS_SIGNAL_NAME>(
  REPORT_STATUS_SIGNAL_NAME,
);

/** To a monitor: send `polyAiCallEnded` to this workflow when the monitor completes. Idempotent. */
export const notifyWhenEndedSignal = defineSignal<[NotifyWhenEndedInput], typeof NOTIFY_WHEN_ENDED_SIGNAL_NAME>(
  NOTIFY_WHEN_ENDED_SIGNAL_NAME,
);

/** From a monitor to each subscriber: how the monitor completed. */
export const callEndedSignal = defineSignal<[CompletionSignal], typeof CALL_ENDED_SIGNAL_NAME>(CALL_ENDED_SIGNAL_NAME);
