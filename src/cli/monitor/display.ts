import { stripVTControlCharacters } from 'node:util';

import type { MonitorDescription } from '../../client/describe-monitor.js';
import { formatDuration } from '../../contract/duration.js';
import { ALARM_AFTER_MS, STATUS_RETENTION_MS } from '../../contract/retention.js';
import { countPolls } from './run-monitor.js';

/** Where the progress of a monitor is shown. */
export interface Display {
  show(view: MonitorDescription): void;
  /** Something else than the monitor, such as trouble with Temporal. */
  note(line: string): void;
  /** Leaves nothing but whole lines behind. */
  end(): void;
}

/** One line that is kept up to date on a terminal, else a line for each change. */
export function createDisplay(stream: NodeJS.WriteStream): Display {
  return stream.isTTY ? liveLine(stream) : changeLines(stream);
}

function liveLine(stream: NodeJS.WriteStream): Display {
  const write = (line: string): void => {
    // A line that wraps could not be written over.
    const shown = oneLine(line).slice(0, (stream.columns || 80) - 1);
    stream.write(`\r\x1b[2K${shown}`);
  };
  return {
    show: (view) => write(renderLiveLine(view, Date.now())),
    note: write,
    end: () => void stream.write('\r\x1b[2K'),
  };
}

function changeLines(stream: NodeJS.WriteStream): Display {
  let shown: string | undefined;
  const write = (line: string): void => {
    if (line !== shown) stream.write(`${oneLine(line)}\n`);
    shown = line;
  };
  return { show: (view) => write(renderChange(view, Date.now())), note: write, end: () => undefined };
}

/** A message from outside may hold anything. */
function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\s+/g, ' ');
}

/** The monitor in one short line, as of now. */
export function renderLiveLine(view: MonitorDescription, nowMs: number): string {
  const { startedAt, progress, polls } = view;
  const parts = [
    statusOf(view),
    progress?.phase,
    polls !== undefined && countPolls(polls),
    formatDuration(Math.max(0, nowMs - startedAt.getTime())),
    progress?.nextPollAt && `next poll in ${formatDuration(Math.max(0, Date.parse(progress.nextPollAt) - nowMs))}`,
    ...troublesOf(view),
    budgetLeft(view, nowMs),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** The monitor in one line that stays the same while nothing of interest changes. */
export function renderChange(view: MonitorDescription, nowMs: number): string {
  return [`${view.callSid}: ${statusOf(view)}`, ...troublesOf(view), ...alarmOf(view, nowMs)].join('; ');
}

/** Shown in trouble only: while all is well it starts anew with each poll. */
function budgetLeft(view: MonitorDescription, nowMs: number): string | undefined {
  const { outcomeSafeUntil: until } = view;
  const [alarm] = alarmOf(view, nowMs);
  if (alarm !== undefined || until === undefined || troublesOf(view).length === 0) return alarm;
  return `an outage may last another ${formatDuration(until.getTime() - nowMs)}`;
}

function alarmOf({ outcomeSafeUntil: until }: MonitorDescription, nowMs: number): string[] {
  if (until === undefined) return [];
  const quietMs = nowMs - (until.getTime() - STATUS_RETENTION_MS);
  if (quietMs < ALARM_AFTER_MS) return [];
  const quiet = `⚠ no good answer for ${formatDuration(ALARM_AFTER_MS)} or more`;
  if (quietMs < STATUS_RETENTION_MS) return [`${quiet}: the outcome may be lost after ${until.toISOString()}`];
  return [`${quiet}: the outcome may be lost since ${until.toISOString()}`];
}

function statusOf({ callStatus = 'no answer yet' }: MonitorDescription): string {
  return callStatus;
}

function troublesOf({ state, taskQueue, progress, pendingPoll: poll }: MonitorDescription): string[] {
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

/** A worker that has polled within this time is there: a poll that finds nothing to do lasts a minute, and then there is the next. */
export const RECENT_POLL_MS = 2 * 60_000;
