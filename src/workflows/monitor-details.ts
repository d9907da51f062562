import { classifyCallStatus } from '../contract/call.js';
import { formatDuration } from '../contract/duration.js';
import type { MonitorPhase, MonitorProgress } from '../contract/monitor.js';
import type { FailureReason } from '../contract/outcome.js';
import { ALARM_AFTER_MS, isAtRisk, type MonitorAlarm, STATUS_RETENTION_MS } from '../contract/retention.js';
import { escapeMarkdown, markdownList, markdownTime } from './markdown.js';

/**
 * A monitor's progress in Markdown, for the workflow's current details: for somebody who knows neither the code nor its terms.
 * Pure.
 *
 * @param failure why the monitor fails, once that is decided
 */
export function renderMonitorDetails(progress: MonitorProgress, nowMs: number, failure?: FailureReason): string {
  const { lastObservation: last, lastError, timeline } = progress;
  return [
    headline(progress),
    ...(last?.reason ? [`Reason: ${escapeMarkdown(last.reason)}`] : []),
    ...(failure ? [failureText(failure)] : []),
    ...(progress.phase === 'failed' ? [] : [PHASE_TEXTS[progress.phase]]),
    ...warnings(progress, nowMs),
    ...(lastError && lastError.type !== failure?.type
      ? [
          `Last error: ${escapeMarkdown(lastError.type)} at ${markdownTime(lastError.at)}: ${escapeMarkdown(lastError.message)}`,
        ]
      : []),
    markdownList(facts(progress, nowMs)),
    ...(timeline.length > 0
      ? [
          'Status changes:',
          markdownList(timeline.map(({ status, at }) => `${markdownTime(at)}: ${escapeMarkdown(status)}`)),
        ]
      : []),
  ].join('\n\n');
}

const POLLING_PHASES: readonly MonitorPhase[] = ['polling', 'holding', 'waiting', 'credential-hold'];

function headline({ callSid, phase, lastObservation: last, timeline }: MonitorProgress): string {
  const call = `PolyAI outbound call \`${callSid}\``;
  if (!last) return `${call}: **${POLLING_PHASES.includes(phase) ? 'not observed yet' : 'never observed'}**`;
  const status = `**${escapeMarkdown(last.rawStatus)}**`;
  const since = markdownTime(timeline.at(-1)?.at ?? last.observedAt);
  return `${call}: ${status} ${classifyCallStatus(last.status).kind === 'terminal' ? 'at' : 'since'} ${since}`;
}

const PHASE_TEXTS: Readonly<Record<Exclude<MonitorPhase, 'failed'>, string>> = {
  polling: 'A poll is running. While it fails, its attempts and its last failure are under Pending Activities.',
  holding:
    'A long poll is running: the activity `getStatus` polls again and again. A status change appears here within seconds, ' +
    'or, on a worker with `statusUpdates: heartbeat`, when the long poll ends. Its latest poll and its last error are under ' +
    'Pending Activities, in the heartbeat details, at most 75 s old.',
  waiting: 'The monitor waits for the next poll. The signal `nudge` polls now.',
  'credential-hold': 'The API rejects the token. The monitor polls slowly until the token is accepted again.',
  saving:
    'The monitor saves the outcome, and closes when the outcome store has it. While that fails, its last failure is under ' +
    'Pending Activities.',
  finished: 'The call has ended, and with it this monitor.',
  cancelled: 'The monitor was cancelled. That does not hang up the call.',
};

function failureText({ type, message }: FailureReason): string {
  const remedy = REMEDIES[type];
  return `**The monitor failed.** ${type}: ${escapeMarkdown(message)}.${remedy === undefined ? '' : ` ${remedy}`}`;
}

/** What to do about a failure that ends monitors. */
const REMEDIES: Partial<Readonly<Record<FailureReason['type'], string>>> = {
  InvalidInput: 'Start it with an account that the worker serves.',
  InvalidCallSid: 'Find out where this call SID comes from.',
  Unauthorized: 'Replace the token on the worker, then start the monitor again.',
  CallNotFound:
    'Check the call SID, and the region and the account of the worker. For a call that was triggered a moment before, start ' +
    'the monitor with `notFoundGrace`.',
  CallStatusExpired: 'The outcome can no longer be read from the API.',
  RequestRejected: 'Check the base URL of the worker, and proxies on the way: `temporal-polyai doctor`.',
  MonitorDeadlineExceeded: 'The call may go on. To monitor it on, start the monitor again, with a longer `deadline`.',
};

function warnings(progress: MonitorProgress, nowMs: number): string[] {
  const { alarm, credentialRefusedSince, outcomeSafeUntil, phase } = progress;
  if (!POLLING_PHASES.includes(phase)) return [];
  const refused =
    credentialRefusedSince === undefined
      ? []
      : [`⚠️ The API has rejected the token since ${markdownTime(credentialRefusedSince)}. Replace it on the worker.`];
  if (outcomeSafeUntil === undefined || !isAtRisk(progress, nowMs)) return refused;
  const advice = alarm === undefined ? '' : ` ${ALARM_ADVICE[alarm]}`;
  const silence = `⚠️ No observation for ${formatDuration(ALARM_AFTER_MS)} or more.${advice}`;
  return [...refused, `${silence} After ${markdownTime(outcomeSafeUntil)} PolyAI may no longer have the status.`];
}

const ALARM_ADVICE: Readonly<Record<MonitorAlarm, string>> = {
  'credential-refused': 'The API rejects the token.',
  'api-unreachable': 'The API does not answer with a status: see the last error and `temporal-polyai doctor`.',
  'no-worker': 'No worker has polled: start workers.',
};

function facts({ polls, nextPollAt, outcomeSafeUntil, phase, deadlineAt }: MonitorProgress, nowMs: number): string[] {
  const isPolling = POLLING_PHASES.includes(phase);
  return [
    `Polls: ${polls}${phase === 'holding' ? ', not counting those that the running long poll has not reported' : ''}`,
    ...(nextPollAt === undefined ? [] : [`Next poll: ${markdownTime(nextPollAt)}`]),
    ...(isPolling && outcomeSafeUntil !== undefined && Date.parse(outcomeSafeUntil) > nowMs
      ? [
          `An outage until ${markdownTime(outcomeSafeUntil)} loses nothing: PolyAI keeps the status of a call for about ` +
            `${formatDuration(STATUS_RETENTION_MS)} after its end`,
        ]
      : []),
    ...(isPolling ? [`The monitor gives up at ${markdownTime(deadlineAt)}`] : []),
  ];
}
