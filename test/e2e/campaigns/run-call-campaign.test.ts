import { describe, expect, it } from 'vitest';

import { CAMPAIGNS } from '../../../src/campaigns/database/schema.js';
import { startCampaign } from '../../../src/client/start-campaign.js';
import { CampaignBench } from '../../support/campaign-bench.js';
import { CampaignRig } from '../../support/campaign-rig.js';
import { contactOf, numberOf } from '../../support/campaign-samples.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';

const server = useDevServerRig();

const many = (amount: number) => Array.from({ length: amount }, (_, index) => contactOf(index));
/** One minute a week. */
const CLOSED = [{ days: ['sun' as const], from: '03:00', until: '03:01' }];
const QUICK = { queuedMs: 100, callingMs: 300 };

/** How often each number was dialled since a test began. */
function dialledSince(start: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { toNumber } of server().simulator.ledger.slice(start)) {
    counts.set(toNumber, (counts.get(toNumber) ?? 0) + 1);
  }
  return counts;
}

describe('a call campaign', () => {
  it('dials each contact once and ends with the outcome of each, in a history without numbers', async () => {
    const rig = await CampaignRig.open(server());
    const start = server().simulator.ledger.length;
    const contacts = many(20).map((contact, index) => ({
      ...contact,
      variables: { simulator_script: JSON.stringify(QUICK), name: `n${index}` },
    }));
    const result = await rig.whileWorking(async () => {
      const campaign = await rig.start({ campaignId: 'completed', contacts });
      const progress = await campaign.result();
      const history = JSON.stringify(await server().client.workflow.getHandle(campaign.workflowId).fetchHistory());
      expect(history).not.toContain('447700');
      return { progress, attempts: await rig.attempts(campaign.campaignId) };
    });

    expect(result.progress).toMatchObject({
      state: 'completed',
      contacts: { done: 20, waiting: 0, dialling: 0 },
      dispositions: { answered: 20 },
    });
    expect([...dialledSince(start).values()]).toEqual(Array.from({ length: 20 }, () => 1));
    const bySid = new Map(server().simulator.ledger.map((call) => [call.callSid, call]));
    for (const { attemptId, callSid } of result.attempts) {
      expect(bySid.get(callSid!)?.metadata).toMatchObject({ temporal_polyai_attempt: attemptId });
    }
  });

  it('has each call monitored, with its campaign in the Web UI', async () => {
    const rig = await CampaignRig.open(server());
    await rig.whileWorking(async () => {
      const script = { simulator_script: JSON.stringify(QUICK) };
      const campaign = await rig.start({ contacts: [contactOf(1, { variables: script })] });
      await campaign.result();
      const [attempt] = await rig.attempts(campaign.campaignId);
      const monitor = server().client.workflow.getHandle(`outbound-call-${attempt!.callSid}`);
      const { memo } = await monitor.describe();
      expect(memo).toMatchObject({ campaignId: campaign.campaignId, attemptId: attempt!.attemptId });
      expect(await monitor.result()).toMatchObject({ status: 'success' });
    });
  });

  it('takes an update that comes before a worker has started the campaign', async () => {
    const rig = await CampaignRig.open(server());
    const campaign = await rig.start({ contacts: many(1), limits: { callsPerSecond: 0.01 } });
    const pausing = campaign.pause('not yet');
    await rig.whileWorking(async () => {
      expect(await pausing).toMatchObject({ state: 'paused', stateReason: 'not yet' });
      await campaign.cancel();
      await campaign.result();
    });
  });

  it('stops new calls at a pause, answers with the state, and goes on when it is resumed', async () => {
    const rig = await CampaignRig.open(server());
    const start = server().simulator.ledger.length;
    await rig.whileWorking(async () => {
      const script = { simulator_script: JSON.stringify(QUICK) };
      const contacts = many(12).map((contact) => ({ ...contact, variables: script }));
      const campaign = await rig.start({ campaignId: 'paused', contacts, limits: { callsPerSecond: 1 } });
      await eventually('the first calls', () => (server().simulator.ledger.length > start + 1 ? true : undefined));
      const paused = await campaign.pause('lunch');
      expect(paused).toMatchObject({ state: 'paused', stateReason: 'lunch' });
      const dialled = server().simulator.ledger.length;
      await eventually('live calls to end', async () => {
        const { contacts: states } = await rig.store.progress(campaign.campaignId);
        return states.dialling === 0 ? true : undefined;
      });
      // A request may have been on its way.
      expect(server().simulator.ledger.length).toBeLessThanOrEqual(dialled + 1);
      expect((await campaign.progress())?.state).toBe('paused');
      await expect(campaign.pause()).rejects.toThrow('is paused, so it cannot be paused');
      await campaign.resume();
      await campaign.changeLimits({ callsPerSecond: 100 });
      await expect(campaign.changeRules({ maxAttempts: 0 })).rejects.toThrow('maxAttempts must be');
      expect(await campaign.result()).toMatchObject({ state: 'completed', contacts: { done: 12 } });
    });
    expect(Math.max(...dialledSince(start).values())).toBe(1);
  });

  it('calls again by outcome, by rules that are changed while it runs', async () => {
    let aheadMs = 0;
    const rig = await CampaignRig.open(server(), { now: () => Date.now() + aheadMs });
    const start = server().simulator.ledger.length;
    await rig.whileWorking(async () => {
      const script = { simulator_script: JSON.stringify({ ...QUICK, outcome: 'failure', reason: 'busy' }) };
      const rules = { maxAttempts: 2, retryAfter: { busy: '1h' } };
      const campaign = await rig.start({ contacts: [contactOf(1, { variables: script })], rules });
      const pauseAfter = async (calls: number): Promise<number> =>
        await eventually(`the pause after call ${calls}`, async () => {
          const [contact] = await rig.contacts(campaign.campaignId);
          const endedAt = (await rig.attempts(campaign.campaignId))[calls - 1]?.endedAt;
          return contact?.dueAt && endedAt ? Date.parse(contact.dueAt) - Date.parse(endedAt) : undefined;
        });
      expect(await pauseAfter(1)).toBe(3_600_000);

      // The time passes for the database; a change wakes the campaign.
      aheadMs += 3_601_000;
      await campaign.changeRules({ maxAttempts: 3, retryAfter: { busy: '5h' } });
      expect(await pauseAfter(2)).toBe(5 * 3_600_000);

      aheadMs += 5 * 3_600_000 + 1_000;
      await campaign.changeRules({ maxAttempts: 2 });
      expect(await campaign.result()).toMatchObject({ contacts: { failed: 1 }, dispositions: { busy: 2 } });
    });
    expect(dialledSince(start)).toEqual(new Map([[numberOf(1), 2]]));
  });

  it('never dials again what may have been dialled, and lists it', async () => {
    const rig = await CampaignRig.open(server());
    const { simulator } = server();
    const start = simulator.ledger.length;
    const faults = [
      { fault: { kind: 'hang' }, dials: true },
      { fault: { kind: 'status', status: 500 }, dials: true },
      { fault: { kind: 'reset' }, dials: true },
    ] as const;
    simulator.setTriggerFault((number) => faults[[1, 2, 3].findIndex((index) => number === numberOf(index))]);
    await rig.whileWorking(async () => {
      const script = { simulator_script: JSON.stringify(QUICK) };
      const contacts = many(6).map((contact) => ({ ...contact, variables: script }));
      const campaign = await rig.start({ contacts });
      const result = await campaign.result();
      expect(result).toMatchObject({ state: 'completed', contacts: { done: 3, ambiguous: 3 } });
      expect(result.lastProblems).toHaveLength(3);
    });
    simulator.setTriggerFault(undefined);
    expect([...dialledSince(start).values()]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('dials again what PolyAI certainly did not dial', async () => {
    const rig = await CampaignRig.open(server());
    const { simulator } = server();
    const start = simulator.ledger.length;
    let refused = 0;
    simulator.setTriggerFault(() => {
      refused += 1;
      return refused > 1 ? undefined : { fault: { kind: 'status', status: 429, retryAfter: 1 }, dials: false };
    });
    await rig.whileWorking(async () => {
      const script = { simulator_script: JSON.stringify(QUICK) };
      const campaign = await rig.start({ contacts: [contactOf(1, { variables: script })] });
      expect(await campaign.result()).toMatchObject({ contacts: { done: 1 }, attempts: { ended: 1, not_sent: 0 } });
    });
    simulator.setTriggerFault(undefined);
    expect(dialledSince(start)).toEqual(new Map([[numberOf(1), 1]]));
  });

  it('is cancelled with its workflow, after the calls under way have ended', async () => {
    const rig = await CampaignRig.open(server());
    const start = server().simulator.ledger.length;
    await rig.whileWorking(async () => {
      const script = { simulator_script: JSON.stringify({ queuedMs: 100, callingMs: 2_000 }) };
      const contacts = many(50).map((contact) => ({ ...contact, variables: script }));
      const campaign = await rig.start({ campaignId: 'cancelled', contacts, limits: { callsAtOnce: 2 } });
      await eventually('a call', () => (server().simulator.ledger.length > start ? true : undefined));
      await server().client.workflow.getHandle(campaign.workflowId).cancel();
      await expect(campaign.result()).rejects.toThrow();
      const { state, contacts: states } = await rig.store.progress(campaign.campaignId);
      expect([state, states.dialling]).toEqual(['cancelled', 0]);
      expect(states.done).toBeGreaterThan(0);
    });
  });

  it('fails when the database does not take its cancellation', async () => {
    const rig = await CampaignRig.open(server());
    await rig.whileWorking(async () => {
      const campaign = await rig.start({ contacts: many(1), rules: { windows: CLOSED } });
      const handle = server().client.workflow.getHandle(campaign.workflowId);
      await eventually('its sleep', async () => {
        const { events = [] } = await handle.fetchHistory();
        return events?.some(({ timerStartedEventAttributes: timer }) => timer != null) ? true : undefined;
      });
      await new CampaignBench(rig.url, rig.store).execute(`DELETE FROM ${CAMPAIGNS}`);
      await handle.cancel();
      await expect(campaign.result()).rejects.toMatchObject({
        cause: { type: 'InvalidInput', message: expect.stringContaining('there is no campaign') as string },
      });
    });
  });

  it('calls contacts at once that are added while it waits to repeat a call', async () => {
    const rig = await CampaignRig.open(server());
    const start = server().simulator.ledger.length;
    const busy = { simulator_script: JSON.stringify({ ...QUICK, outcome: 'failure', reason: 'busy' }) };
    await rig.whileWorking(async () => {
      const contacts = [1, 2].map((index) => contactOf(index, { variables: busy }));
      const campaign = await rig.start({ contacts, rules: { maxAttempts: 2, retryAfter: { busy: '1h' } } });
      await eventually('two calls', async () => {
        const { contacts: states } = await rig.store.progress(campaign.campaignId);
        return states.waiting === 2 && server().simulator.ledger.length === start + 2 ? true : undefined;
      });
      await rig.store.addContacts(campaign.campaignId, [contactOf(3, { variables: busy })]);
      const attached = await startCampaign(server().client, { campaignId: campaign.campaignId });
      expect(attached.isNew).toBe(false);
      await eventually('the third call', () => (server().simulator.ledger.length === start + 3 ? true : undefined));
      await expect(attached.retryFailed({ dispositions: ['loud' as never] })).rejects.toThrow('dispositions must be');
      await attached.cancel();
      await attached.result();
    });
  });

  it('waits for a worker with its database, and leaves another database as it is', async () => {
    const [ours, theirs] = [await CampaignRig.open(server()), await CampaignRig.open(server())];
    const closed = { contacts: many(1), rules: { windows: CLOSED } };
    const campaign = await ours.start(closed);
    await ours.whileWorking(() => campaign.pause());
    const handle = server().client.workflow.getHandle(campaign.workflowId);
    await theirs.store.create({ campaignId: campaign.campaignId });
    const resumed = campaign.resume();
    await theirs.whileWorking(async () => {
      const refusal = await eventually('the refusal', async () => {
        const { raw } = await handle.describe();
        return raw.pendingActivities?.find(({ lastFailure }) => lastFailure)?.lastFailure?.message ?? undefined;
      });
      expect(refusal).toContain('this worker has another one');
    });
    expect(await theirs.store.find(campaign.campaignId)).toMatchObject({ state: 'draft', stateReason: '' });
    expect(await ours.whileWorking(() => resumed)).toMatchObject({ state: 'running' });
    await handle.terminate();
  });

  it('is paused when its database is restored from an older copy, until a person accepts that', async () => {
    const rig = await CampaignRig.open(server());
    const { simulator } = server();
    const start = simulator.ledger.length;
    const script = { simulator_script: JSON.stringify(QUICK) };
    const contacts = many(8).map((contact) => ({ ...contact, variables: script }));
    let copy = '';
    const campaign = await rig.whileWorking(async () => {
      const started = await rig.start({ campaignId: 'restored', contacts, limits: { callsPerSecond: 0.5 } });
      await eventually('the first call', () => (simulator.ledger.length > start ? true : undefined));
      copy = await rig.copy();
      await eventually('later calls', () => (simulator.ledger.length > start + 3 ? true : undefined));
      await started.pause('before the disaster');
      await started.resume();
      return started;
    });
    const dialled = simulator.ledger.length;
    const restored = await rig.restore(copy);
    await restored.whileWorking(async () => {
      const progress = await eventually('the pause', async () => {
        const read = await restored.store.progress(campaign.campaignId);
        return read.state === 'paused' ? read : undefined;
      });
      expect(progress.stateReason).toContain('restored from a copy');
      expect(simulator.ledger.length).toBe(dialled);
      await expect(campaign.resume()).rejects.toThrow('acceptRestored');
      await campaign.resume({ acceptRestored: true });
      await campaign.changeLimits({ callsPerSecond: 100 });
      const { state, contacts: ended } = await campaign.result();
      // What was claimed when the copy was made may have been dialled since.
      expect({ state, ended: ended.done + ended.ambiguous }).toEqual({ state: 'completed', ended: 8 });
      expect(ended.ambiguous).toBeLessThanOrEqual(1);
    });
  });
});
