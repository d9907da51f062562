import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { WorkerFleet } from './fleet.js';
import type { CrashableServer } from './server.js';

/** Past both leases: of a claim 30 s, of a request 90 s. */
const STOPPED_MS = 100_000;

/** Of ten events, how many of each kind. */
const KINDS = ['kill', 'kill', 'kill', 'kill', 'stop', 'stop', 'reset', 'reset', 'reset', 'crash'] as const;

interface Chaos {
  readonly fleet: WorkerFleet;
  readonly workers: number;
  readonly server: CrashableServer;
  readonly client: Client;
  readonly workflowId: string;
  /** Mean pause between two events. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/** Makes trouble until the signal is aborted. @returns how often of each kind */
export async function makeTrouble(chaos: Chaos): Promise<Record<string, number>> {
  const made: Record<string, number> = {};
  for (;;) {
    const pauseMs = randomInt(2 * chaos.everyMs);
    const isOver = await sleep(pauseMs, false, { signal: chaos.signal }).catch(() => true);
    if (isOver) return made;
    const kind = KINDS[randomInt(KINDS.length)]!;
    await makeOne(kind, chaos);
    made[kind] = (made[kind] ?? 0) + 1;
  }
}

async function makeOne(kind: (typeof KINDS)[number], chaos: Chaos): Promise<void> {
  const { fleet, workers, server } = chaos;
  switch (kind) {
    case 'kill':
      return await fleet.kill(randomInt(workers));
    case 'stop':
      return fleet.stop(randomInt(workers), STOPPED_MS);
    case 'crash':
      return await server.crash();
    case 'reset':
      // The workflow may end meanwhile.
      return await resetAtRandom(chaos).catch((error: unknown) => console.error('no reset:', error));
  }
}

/** Goes back to a random point of the workflow's history; not at all while it has just been reset. */
async function resetAtRandom({ client, workflowId }: Chaos): Promise<void> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const tasks = (events ?? []).filter(({ workflowTaskCompletedEventAttributes: completed }) => completed);
  const task = tasks[randomInt(Math.max(1, tasks.length))];
  if (!task) return;
  const namespace = client.options.namespace;
  const request = { namespace, workflowExecution: { workflowId }, reason: 'chaos', requestId: crypto.randomUUID() };
  await client.workflowService.resetWorkflowExecution({ ...request, workflowTaskFinishEventId: task.eventId! });
}
