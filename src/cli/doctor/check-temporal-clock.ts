import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { notChecked, type Finding } from './check.js';
import { judgeSkew } from './judge-skew.js';
import { reasonOf } from './reason-of.js';
import { TASK_QUEUE_TYPES, timestampMs, type TemporalAccess } from './temporal-access.js';

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
