import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';

import { formatDuration } from '../../contract/duration.js';
import { withTimeoutSignal } from '../../platform/abortable.js';
import { failure, type Finding, notChecked, ok, reasonOf, warning } from './report.js';
import { TASK_QUEUE_TYPES, type TemporalAccess, timestampMs } from './temporal.js';

const WARN_BEYOND_MS = 5_000;
const FAIL_BEYOND_MS = 60_000;

const REMEDY = "set this machine's clock, by NTP as a rule: timedatectl set-ntp true";

/** When somebody else's clock was read, between two looks at this machine's. Milliseconds since the epoch. */
interface ClockReading {
  readonly beforeMs: number;
  readonly afterMs: number;
  /** What the other clock showed: it may have been any time from the first to the second. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** By how much this machine's clock is ahead of the other (behind: below 0), at least. */
export function skewOf({ beforeMs, afterMs, fromMs, toMs }: ClockReading): number {
  return Math.max(0, beforeMs - toMs) - Math.max(0, fromMs - afterMs);
}

/** What a skew means. The time that an outcome is safe is told by the worker's clock, and deadlines by Temporal's. */
export function judgeSkew(reading: ClockReading, whose: string): Finding {
  const skewMs = skewOf(reading);
  const sizeMs = Math.abs(skewMs);
  if (sizeMs <= WARN_BEYOND_MS)
    return ok(`this machine's clock and ${whose} agree within ${formatDuration(WARN_BEYOND_MS)}`);
  const found = `this machine's clock is ${formatDuration(sizeMs)} ${skewMs > 0 ? 'ahead of' : 'behind'} ${whose}`;
  return sizeMs > FAIL_BEYOND_MS ? failure(found, REMEDY) : warning(found, REMEDY);
}

/**
 * Nobody sends work here. Sticky: it has one partition, and the server forgets it by itself. Servers refuse one that has
 * the name of the queue it belongs to.
 */
const PROBE_QUEUE = 'temporal-polyai-doctor';
const STICKY = 2;
const TASK_QUEUE = { name: `${PROBE_QUEUE}-sticky`, kind: STICKY, normalName: PROBE_QUEUE } as const;

/** Servers refuse polls that would end sooner. */
const POLL_MS = 5_000;
const LOOK_MS = 3_000;

/**
 * Compares this machine's clock with Temporal's. No request of its API tells the time, but the server notes when a poller
 * came: so we are one for a moment.
 */
export async function checkTemporalClock(access: TemporalAccess, signal: AbortSignal): Promise<Finding> {
  const { client, namespace } = access;
  const identity = `${PROBE_QUEUE}-${randomUUID()}`;
  const stop = new AbortController();
  signal.addEventListener('abort', () => stop.abort(), { once: true });
  const beforeMs = Date.now();
  const poll = client.withDeadline(beforeMs + POLL_MS, () =>
    client.withAbortSignal(stop.signal, () =>
      client.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: TASK_QUEUE, identity }),
    ),
  );
  const refused = poll.then(() => 'nothing came of a poll', reasonOf);
  try {
    const looking = untilSeen(access, identity, stop.signal).catch(reasonOf);
    const seen = await Promise.race([looking, refused]);
    if (typeof seen === 'number') {
      return judgeSkew({ beforeMs, afterMs: Date.now(), fromMs: seen, toMs: seen }, "Temporal's");
    }
    return notChecked(`Temporal does not tell us its time (${seen}): unknown`);
  } finally {
    stop.abort();
    await refused;
  }
}

/** When the server saw the poller, by its clock. */
async function untilSeen(access: TemporalAccess, identity: string, signal: AbortSignal): Promise<number | string> {
  const { client, namespace } = access;
  const giveUpAtMs = performance.now() + LOOK_MS;
  while (performance.now() < giveUpAtMs && !signal.aborted) {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: TASK_QUEUE,
      taskQueueType: TASK_QUEUE_TYPES.workflows,
    });
    const seenMs = timestampMs(pollers.find((poller) => poller.identity === identity)?.lastAccessTime);
    if (seenMs !== undefined) return seenMs;
    await delay(50);
  }
  return 'it does not list who polls';
}

const ANSWER_MS = 5_000;

/** Compares this machine's clock with the `Date` of an answer of the API. Sends no token, and takes any answer. */
export async function checkApiClock(baseUrl: string, signal: AbortSignal): Promise<Finding> {
  try {
    return await withTimeoutSignal(ANSWER_MS, (wanted) => compareWithApi(baseUrl, wanted), signal);
  } catch (error) {
    return notChecked(`${baseUrl} does not answer (${reasonOf(error)})`);
  }
}

async function compareWithApi(baseUrl: string, signal: AbortSignal): Promise<Finding> {
  const beforeMs = Date.now();
  const { headers, body } = await request(baseUrl, {
    method: 'HEAD',
    headers: { 'cache-control': 'no-cache' },
    signal,
    reset: true,
  });
  const afterMs = Date.now();
  await body.dump();
  const dateMs = Date.parse(String(headers['date']));
  if (Number.isNaN(dateMs)) return notChecked(`${baseUrl} answers without a date`);
  // A date has whole seconds; an answer from a cache says how old it is.
  const fromMs = dateMs + Number(headers['age'] ?? 0) * 1_000;
  return judgeSkew({ beforeMs, afterMs, fromMs, toMs: fromMs + 999 }, "the API's");
}
