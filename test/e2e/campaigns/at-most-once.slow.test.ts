import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';

import type { CampaignStore } from '../../../src/campaigns/store.js';
import type { CampaignHandle } from '../../../src/client/start-campaign.js';
import { CampaignRig } from '../../support/campaign-rig.js';
import { contactOf } from '../../support/campaign-samples.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { WorkerProcess } from '../../support/worker-process.js';

const server = useDevServerRig();

/** At 12 calls a second the last worker is killed while contacts are left. */
const CONTACTS = 200;
const KILLS = 6;
const SCRIPT = JSON.stringify({ queuedMs: 100, callingMs: 1_000 });

const contacts = (amount: number) =>
  Array.from({ length: amount }, (_, index) => contactOf(index, { variables: { simulator_script: SCRIPT } }));

/** The attempts that were dialled more than once since a test began, by the ledger. */
function doubleDials(start: number): string[] {
  const attempts = server()
    .simulator.ledger.slice(start)
    .map(({ metadata }) => metadata['temporal_polyai_attempt']!);
  return attempts.filter((attempt, index) => attempts.indexOf(attempt) !== index);
}

/** Goes back to a random point of the workflow's history; not at all while it has just been reset. */
async function resetAtRandom({ workflowId }: CampaignHandle): Promise<void> {
  const { client } = server();
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const tasks = (events ?? []).filter(({ workflowTaskCompletedEventAttributes: completed }) => completed);
  const task = tasks[randomInt(Math.max(1, tasks.length))];
  if (!task) return;
  await client.workflowService.resetWorkflowExecution({
    namespace: server().server.namespace,
    workflowExecution: { workflowId },
    reason: 'chaos',
    workflowTaskFinishEventId: task.eventId!,
    requestId: crypto.randomUUID(),
  });
}

it(
  'with killed workers and reset workflows dials no number twice, loses no contact, and lists what is ambiguous',
  { timeout: 400_000 },
  async () => {
    const rig = await CampaignRig.open(server());
    const start = server().simulator.ledger.length;
    const campaign = await rig.start({
      contacts: contacts(CONTACTS),
      limits: { callsPerSecond: 12 },
      rules: { stopAfterAmbiguous: 1_000 },
      lanes: 3,
    });
    const environment = { ...server().workerEnvironment(), POLYAI_OUTCOMES_URL: rig.url };
    const workers = [new WorkerProcess(environment), new WorkerProcess(environment)];
    await eventually('the first calls', () => (server().simulator.ledger.length > start + 5 ? true : undefined));
    for (let kills = 0; kills < KILLS; kills += 1) {
      await sleep(randomInt(500, 3_000));
      const victim = kills % 2;
      await workers[victim]!.end('SIGKILL');
      if (kills % 3 === 0) await resetAtRandom(campaign);
      workers[victim] = new WorkerProcess(environment);
    }
    const giveUpAt = Date.now() + 300_000;
    while ((await rig.store.find(campaign.campaignId))?.state !== 'completed') {
      if (Date.now() > giveUpAt) throw new Error(JSON.stringify(await rig.store.progress(campaign.campaignId)));
      await sleep(500);
    }

    const progress = await rig.store.progress(campaign.campaignId);
    expect(doubleDials(start)).toEqual([]);
    const numbers = server()
      .simulator.ledger.slice(start)
      .map(({ toNumber }) => toNumber);
    expect(numbers).toHaveLength(new Set(numbers).size);
    const { done, ambiguous } = progress.contacts;
    expect(done + ambiguous).toBe(CONTACTS);
    const listed = await rig.attempts(campaign.campaignId);
    expect(listed.filter(({ state }) => state === 'ambiguous')).toHaveLength(ambiguous);
    // Whoever was dialled is done or listed; nobody else is.
    expect(new Set(numbers).size).toBeGreaterThanOrEqual(done);
  },
);

it('without the guard against ambiguous requests, the ledger shows double dials', async () => {
  const rig = await CampaignRig.open(server());
  const { simulator } = server();
  const start = simulator.ledger.length;
  let requests = 0;
  simulator.setTriggerFault(() => {
    requests += 1;
    return requests % 2 === 1 ? { fault: { kind: 'reset' }, dials: true } : undefined;
  });
  const { store } = rig;
  const unguarded = new Proxy<CampaignStore>(store, {
    get: (target, name) => {
      if (name === 'recordAmbiguous') {
        return async (attempt: Parameters<CampaignStore['recordAmbiguous']>[0]) =>
          await store.recordNotSent({ ...attempt, then: 'again' });
      }
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  await rig.whileWorking(
    async () => {
      const campaign = await rig.start({ contacts: contacts(1) });
      expect(await campaign.result()).toMatchObject({ contacts: { done: 1 } });
    },
    { campaigns: unguarded },
  );
  simulator.setTriggerFault(undefined);
  expect(doubleDials(start)).toHaveLength(1);
});
