import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { log, setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

import { formatDuration } from '../contract/duration.js';
import type { MonitorPhase, MonitorProgress } from '../contract/monitor.js';
import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../contract/names.js';
import { ALARM_AFTER_MS, isAtRisk } from '../contract/retention.js';
import { hasStatusChanged, type MonitorState } from './monitor-state.js';

const callStatusKey = defineSearchAttributeKey(CALL_STATUS_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);

const alarmKey = defineSearchAttributeKey(ALARM_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);

interface PublishTargets {
  readonly writeMemo: boolean;
  readonly writeSearchAttributes: boolean;
}

/** Writes a status change to the memo and the search attribute `PolyAiCallStatus`, and logs a status that is not known. */
export function publishStatusChange(
  before: MonitorState,
  after: MonitorState,
  { writeMemo, writeSearchAttributes }: PublishTargets,
): void {
  const { lastObservation: last } = after;
  if (!last || !hasStatusChanged(before, after)) return;
  if (writeMemo) upsertMemo({ callStatus: last.rawStatus, callReason: last.reason });
  if (writeSearchAttributes) upsertSearchAttributes([{ key: callStatusKey, value: last.status }]);
  if (after.unknownStatuses.length > before.unknownStatuses.length) {
    log.warn('unknown call status; polling continues', { status: last.rawStatus });
  }
}

/** Whether the memo would tell more than the search attribute, or has an earlier status that must not stay. */
export function memoAddsToSearchAttribute({ lastObservation: last }: MonitorState): boolean {
  return Boolean(last?.reason) || workflowInfo().memo?.['callStatus'] !== undefined;
}

/** Writes a change of the alarm to the log and the search attribute `PolyAiAlarm`. */
export function publishAlarmChange(before: MonitorState, after: MonitorState): void {
  const { alarm, hasAlarmAttribute, lastError } = after;
  const isAttributeNew = alarm !== undefined && hasAlarmAttribute === true && !before.hasAlarmAttribute;
  if (alarm === before.alarm && !isAttributeNew) return;
  if (alarm) log.warn('the outcome of a call is at risk', { alarm, lastError: lastError?.type });
  else log.info('the outcome of a call is no longer at risk', { alarm: before.alarm });
  if (hasAlarmAttribute) upsertSearchAttributes([{ key: alarmKey, value: alarm ?? null }]);
}

/** Logs once that the API does not know the call, because the failures of `getStatus` that say so are not logged. */
export function logNotFound(before: MonitorState, after: MonitorState): void {
  const isNew = after.lastError?.type === 'CallNotFound' && before.lastError?.type !== 'CallNotFound';
  if (isNew) log.info('the API does not know the call', { problem: after.lastError.message });
}

/** Shows the monitor's progress as the workflow's current details in the Web UI. */
export function showCurrentDetails(progress: MonitorProgress): void {
  setCurrentDetails(renderMonitorDetails(progress, Date.now()));
}

/** The monitor's progress in Markdown. */
export function renderMonitorDetails(progress: MonitorProgress, nowMs: number): string {
  const { callSid, lastObservation: last, lastError, timeline } = progress;
  return [
    `**${escapeMarkdown(last?.rawStatus ?? 'not observed yet')}** · call \`${callSid}\` · ${progress.phase} · ${progress.polls} polls`,
    ...(last?.reason ? [`Reason: ${escapeMarkdown(last.reason)}`] : []),
    ...(progress.phase === 'holding'
      ? [
          'A long poll is running. Its latest poll is in the heartbeat details of the pending activity `getStatus`, at most 75 s old.',
        ]
      : []),
    ...(progress.nextPollAt ? [`Next poll: ${progress.nextPollAt}`] : []),
    ...(progress.credentialRefusedSince
      ? [`⚠️ The API has rejected the token since ${progress.credentialRefusedSince}. Replace the token on the worker.`]
      : []),
    ...(lastError
      ? [`Last error: ${escapeMarkdown(lastError.type)} at ${lastError.at}: ${escapeMarkdown(lastError.message)}`]
      : []),
    ...outageLimit(progress, nowMs),
    `Deadline: ${progress.deadlineAt}`,
    ...(timeline.length > 0
      ? [
          [
            '| status | since |',
            '|---|---|',
            ...timeline.map(({ status, at }) => `| ${escapeMarkdown(status)} | ${at} |`),
          ].join('\n'),
        ]
      : []),
  ].join('\n\n');
}

const POLLING_PHASES: readonly MonitorPhase[] = ['polling', 'holding', 'waiting', 'credential-hold'];

/** How long an outage may last without the outcome being lost, while the monitor still polls. */
function outageLimit(progress: MonitorProgress, nowMs: number): string[] {
  const { outcomeSafeUntil, phase } = progress;
  if (outcomeSafeUntil === undefined || !POLLING_PHASES.includes(phase)) return [];
  const limit = `an outage may last until ${outcomeSafeUntil}; after that PolyAI may no longer have the status.`;
  if (isAtRisk(progress, nowMs)) return [`⚠️ No observation for ${formatDuration(ALARM_AFTER_MS)} or more: ${limit}`];
  return [`By the last observation that the workflow has received, ${limit}`];
}

/** Text from the API on one line, with Markdown escaped. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|!]/g, '\\$&');
}
