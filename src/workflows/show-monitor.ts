import { log, setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import { CALL_STATUS_SEARCH_ATTRIBUTE, type MonitorProgress } from '../contract/index.js';
import { hasStatusChanged, type MonitorState } from './monitor-state.js';

const callStatusKey = defineSearchAttributeKey(CALL_STATUS_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);

export interface StatusDisplay {
  readonly hasMemo: boolean;
  readonly hasSearchAttributes: boolean;
}

/** Shows a change of status where operators look: in the memo, in the log if the word is unknown, as a search attribute. */
export function showStatusChange(
  before: MonitorState,
  after: MonitorState,
  { hasMemo, hasSearchAttributes }: StatusDisplay,
): void {
  const { lastObservation: last } = after;
  if (!last || !hasStatusChanged(before, after)) return;
  if (hasMemo) upsertMemo({ callStatus: last.rawStatus, callReason: last.reason });
  if (hasSearchAttributes) upsertSearchAttributes([{ key: callStatusKey, value: last.status }]);
  if (after.unknownStatuses.length > before.unknownStatuses.length) {
    log.warn('unknown call status: polling on', { status: last.rawStatus });
  }
}

/** Shows the monitor's state as the workflow's current details in the Web UI. */
export function showCurrentDetails(progress: MonitorProgress): void {
  setCurrentDetails(renderMonitorDetails(progress));
}

/** Markdown for the Web UI. */
export function renderMonitorDetails(progress: MonitorProgress): string {
  const { callSid, lastObservation: last, lastError, timeline } = progress;
  return [
    `**${plain(last?.rawStatus ?? 'no answer yet')}** · call \`${callSid}\` · ${progress.phase} · ${progress.polls} polls`,
    ...(last?.reason ? [`Reason: ${plain(last.reason)}`] : []),
    ...(progress.phase === 'holding'
      ? ['A worker polls on: what it has seen since is in the heartbeat of the pending activity `getStatus`.']
      : []),
    ...(progress.nextPollAt ? [`Next poll: ${progress.nextPollAt}`] : []),
    ...(progress.credentialRefusedSince
      ? [`⚠️ The API refuses the token since ${progress.credentialRefusedSince}: renew it on the worker.`]
      : []),
    ...(lastError ? [`Last error: ${lastError.type} at ${lastError.at}: ${plain(lastError.message)}`] : []),
    `Deadline: ${progress.deadlineAt}`,
    ...(timeline.length > 0
      ? [
          ['| status | since |', '|---|---|', ...timeline.map(({ status, at }) => `| ${plain(status)} | ${at} |`)].join(
            '\n',
          ),
        ]
      : []),
  ].join('\n\n');
}

/** Text from the API as one line of Markdown that means nothing but itself. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|!]/g, '\\$&');
}
