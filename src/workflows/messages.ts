import { defineQuery, defineSignal } from '@temporalio/workflow';

import { NUDGE_SIGNAL_NAME, PROGRESS_QUERY_NAME, type MonitorProgress } from '../contract/index.js';

/** What a monitor is doing and what it has seen. */
export const progressQuery = defineQuery<MonitorProgress, [], typeof PROGRESS_QUERY_NAME>(PROGRESS_QUERY_NAME);

/** Poll now: ends the present wait, and the back-off of a poll that keeps failing. */
export const nudgeSignal = defineSignal<[], typeof NUDGE_SIGNAL_NAME>(NUDGE_SIGNAL_NAME);
