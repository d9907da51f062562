import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { log, setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';

import { formatDuration } from '../contract/duration.js';
import type { MonitorPhase, MonitorProgress } from '../contract/monitor.js';
import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../contract/names.js';
import { ALARM_AFTER_MS, isAtRisk } from '../contract/retention.js';
import { hasStatusChanged, type MonitorState } from './monitor-state.js';

const callStatusKey = defineSearchAttributeKey(CALL_STATUS_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);

const alarmKey = defineSearchAttributeKey(ALARM_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);

interface StatusDisplay {
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

/** Raises and clears the alarm where operators look: in the log, and as a search attribute. */
export function showAlarmChange(before: MonitorState, after: MonitorState): void {
  const { alarm, hasAlarmAttribute, lastError } = after;
  const isLearnedNow = alarm !== undefined && hasAlarmAttribute === true && !before.hasAlarmAttribute;
  if (alarm === before.alarm && !isLearnedNow) return;
  if (alarm) log.warn('the outcome of a call is at risk', { alarm, lastError: lastError?.type });
  else log.info('the outcome of a call is at risk no longer', { alarm: before.alarm });
  if (hasAlarmAttribute) upsertSearchAttributes([{ key: alarmKey, value: alarm ?? null }]);
}

/** Shows the monitor's state as the workflow's current details in the Web UI. */
export function showCurrentDetails(progress: MonitorProgress): void {
  setCurrentDetails(renderMonitorDetails(progress, Date.now()));
}

/** Markdown for the Web UI, as of now. */
export function renderMonitorDetails(progress: MonitorProgress, nowMs: number): string {
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
    ...budgetOf(progress, nowMs),
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

const WATCHING: readonly MonitorPhase[] = ['polling', 'holding', 'waiting', 'credential-hold'];

/** How long an outage may last, while there is a monitor to outlast it. */
function budgetOf(progress: MonitorProgress, nowMs: number): string[] {
  const { outcomeSafeUntil, phase } = progress;
  if (outcomeSafeUntil === undefined || !WATCHING.includes(phase)) return [];
  const limit = `an outage may last until ${outcomeSafeUntil}; after that PolyAI may have forgotten the outcome.`;
  if (isAtRisk(progress, nowMs)) return [`⚠️ No good answer for ${formatDuration(ALARM_AFTER_MS)} or more: ${limit}`];
  return [`As far as the workflow has heard, ${limit}`];
}

/** Text from the API as one line of Markdown that means nothing but itself. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|!]/g, '\\$&');
}
