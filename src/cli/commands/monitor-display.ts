import type { MonitorDescription } from '../../client/describe-monitor.js';
import { formatDuration } from '../../contract/duration.js';
import { ALARM_AFTER_MS, STATUS_RETENTION_MS } from '../../contract/retention.js';
import { counted, oneLine } from '../../platform/printing.js';

/** Shows the progress of a monitor. */
export interface MonitorDisplay {
  show(monitor: MonitorDescription): void;
  /** Shows another line, such as a problem with Temporal. */
  note(line: string): void;
  /** Clears an unfinished line. */
  end(): void;
}

/** On a terminal one line that is updated in place, otherwise a line for each change. */
export function createMonitorDisplay(stream: NodeJS.WriteStream): MonitorDisplay {
  return stream.isTTY ? liveLine(stream) : changeLines(stream);
}

function liveLine(stream: NodeJS.WriteStream): MonitorDisplay {
  const write = (line: string): void => {
    // A wrapped line could not be overwritten.
    const shown = oneLine(line).slice(0, (stream.columns || 80) - 1);
    stream.write(`\r\x1b[2K${shown}`);
  };
  return {
    show: (monitor) => write(renderLiveLine(monitor, Date.now())),
    note: write,
    end: () => void stream.write('\r\x1b[2K'),
  };
}

function changeLines(stream: NodeJS.WriteStream): MonitorDisplay {
  let shownLine: string | undefined;
  const write = (line: string): void => {
    if (line !== shownLine) stream.write(`${oneLine(line)}\n`);
    shownLine = line;
  };
  return { show: (monitor) => write(renderChange(monitor, Date.now())), note: write, end: () => undefined };
}

/** The present state of the monitor in one short line. */
export function renderLiveLine(monitor: MonitorDescription, nowMs: number): string {
  const { startedAt, progress, polls } = monitor;
  const parts = [
    statusOf(monitor),
    progress?.phase,
    polls !== undefined && counted(polls, 'poll'),
    formatDuration(Math.max(0, nowMs - startedAt.getTime())),
    progress?.nextPollAt && `next poll in ${formatDuration(Math.max(0, Date.parse(progress.nextPollAt) - nowMs))}`,
    ...problemsOf(monitor),
    renderOutageBudget(monitor, nowMs),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** The state of the monitor in one line, without values that change with each poll. */
export function renderChange(monitor: MonitorDescription, nowMs: number): string {
  return [`${monitor.callSid}: ${statusOf(monitor)}`, ...problemsOf(monitor), ...alarmOf(monitor, nowMs)].join('; ');
}

/** How long the outage may last. Without a problem every poll resets it, so it is not shown. */
function renderOutageBudget(monitor: MonitorDescription, nowMs: number): string | undefined {
  const { outcomeSafeUntil: until } = monitor;
  const [alarm] = alarmOf(monitor, nowMs);
  if (alarm !== undefined || until === undefined || problemsOf(monitor).length === 0) return alarm;
  return `an outage may last another ${formatDuration(until.getTime() - nowMs)}`;
}

function alarmOf({ outcomeSafeUntil: until }: MonitorDescription, nowMs: number): string[] {
  if (until === undefined) return [];
  const quietMs = nowMs - (until.getTime() - STATUS_RETENTION_MS);
  if (quietMs < ALARM_AFTER_MS) return [];
  const quiet = `⚠ no observation for ${formatDuration(ALARM_AFTER_MS)} or more`;
  if (quietMs < STATUS_RETENTION_MS) return [`${quiet}: the outcome may be lost after ${until.toISOString()}`];
  return [`${quiet}: the outcome may be lost since ${until.toISOString()}`];
}

function statusOf({ callStatus = 'not observed yet' }: MonitorDescription): string {
  return callStatus;
}

function problemsOf({ state, taskQueue, noWorker, progress, pendingPoll: poll }: MonitorDescription): string[] {
  const progressError = poll?.lastFailure ? undefined : poll?.held?.lastError;
  const lastError = progressError ?? progress?.lastError;
  return [
    ...(state === 'RUNNING' && !progress
      ? [
          noWorker
            ? `no worker is polling task queue "${taskQueue}" (run one: temporal-polyai worker)`
            : `no worker of task queue "${taskQueue}" answers`,
        ]
      : []),
    ...(progress?.credentialRefusedSince
      ? [`the API has rejected the token since ${progress.credentialRefusedSince}`]
      : []),
    ...(lastError && !progress?.credentialRefusedSince
      ? [`the last poll failed: ${lastError.type}: ${lastError.message}`]
      : []),
    ...(poll?.lastFailure
      ? [`attempt ${poll.attempt} after ${poll.lastFailure.type}: ${poll.lastFailure.message}`]
      : []),
  ];
}
