import type { MonitorView } from '../../client/index.js';
import { formatDuration } from '../../contract/index.js';
import { countPolls } from './count-polls.js';

/** The monitor in one short line, as of now. */
export function renderLiveLine(view: MonitorView, nowMs: number): string {
  const { startedAt, progress, polls } = view;
  const parts = [
    statusOf(view),
    progress?.phase,
    polls !== undefined && countPolls(polls),
    formatDuration(Math.max(0, nowMs - startedAt.getTime())),
    progress?.nextPollAt && `next poll in ${formatDuration(Math.max(0, Date.parse(progress.nextPollAt) - nowMs))}`,
    ...troublesOf(view),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** The monitor in one line that stays the same while nothing of interest changes. */
export function renderChange(view: MonitorView): string {
  return [`${view.callSid}: ${statusOf(view)}`, ...troublesOf(view)].join('; ');
}

function statusOf({ callStatus = 'no answer yet' }: MonitorView): string {
  return callStatus;
}

function troublesOf({ state, taskQueue, progress, pendingPoll: poll }: MonitorView): string[] {
  const heldError = poll?.lastFailure ? undefined : poll?.held?.lastError;
  const lastError = heldError ?? progress?.lastError;
  return [
    ...(state === 'RUNNING' && !progress
      ? [`no worker is polling task queue "${taskQueue}" (run one: temporal-polyai worker)`]
      : []),
    ...(progress?.credentialRefusedSince ? [`the API refuses the token since ${progress.credentialRefusedSince}`] : []),
    ...(lastError && !progress?.credentialRefusedSince
      ? [`the last poll failed: ${lastError.type}: ${lastError.message}`]
      : []),
    ...(poll?.lastFailure
      ? [`attempt ${poll.attempt} after ${poll.lastFailure.type}: ${poll.lastFailure.message}`]
      : []),
  ];
}
