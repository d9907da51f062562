import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { log, setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

import type { MonitorProgress } from '../contract/monitor.js';
import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../contract/names.js';
import type { FailureReason } from '../contract/outcome.js';
import { escapeMarkdown } from './markdown.js';
import { renderMonitorDetails } from './monitor-details.js';
import { hasStatusChanged, type MonitorState } from './monitor-state.js';

const callStatusKey = defineSearchAttributeKey(CALL_STATUS_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);

const alarmKey = defineSearchAttributeKey(ALARM_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);

interface PublishTargets {
  readonly writeMemo: boolean;
  readonly writeSearchAttributes: boolean;
}

/** Logs statuses that are not known, and writes a status change to the memo and the search attribute `PolyAiCallStatus`. */
export function publishStatusChange(
  before: MonitorState,
  after: MonitorState,
  { writeMemo, writeSearchAttributes }: PublishTargets,
): void {
  const { lastObservation: last } = after;
  for (const status of after.unknownStatuses.slice(before.unknownStatuses.length)) {
    log.warn('unknown call status; polling continues', { status });
  }
  if (!last || !hasStatusChanged(before, after)) return;
  if (writeMemo) upsertMemo({ callStatus: last.rawStatus, callReason: last.reason });
  if (writeSearchAttributes) writeStatusAttribute(after);
}

/** Writes the last observed status to the search attribute `PolyAiCallStatus`. */
export function writeStatusAttribute({ lastObservation: last }: MonitorState): void {
  if (last) upsertSearchAttributes([{ key: callStatusKey, value: last.status }]);
}

/** Whether the search attribute has another status than the last observed one, or none. */
export function isStatusAttributeOutdated({ lastObservation: last }: MonitorState): boolean {
  return last !== undefined && workflowInfo().typedSearchAttributes.get(callStatusKey) !== last.status;
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
export function showCurrentDetails(progress: MonitorProgress, failure?: FailureReason): void {
  setCurrentDetails(renderMonitorDetails(progress, Date.now(), failure));
}

/** The summary of a timer or activity in the Web UI, which renders Markdown: its purpose, and the status before it. */
export function summaryLine({ lastObservation: last }: MonitorState, purpose: string): string {
  return `${purpose}; status before: ${last ? escapeMarkdown(last.status) : 'not observed'}`;
}
