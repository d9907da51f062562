import { expect, it } from 'vitest';

import { reconcileCampaign } from '../../../src/client.js';
import { CampaignRig } from '../../support/campaign-rig.js';
import { contactOf, numberOf } from '../../support/campaign-samples.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { followCallsUntil } from '../../support/followed-calls.js';

const server = useDevServerRig();

const LIVE = 0;
const AMBIGUOUS = 1;
const scripted = (index: number, callingMs: number) => {
  return contactOf(index, { variables: { simulator_script: JSON.stringify({ queuedMs: 100, callingMs }) } });
};
/** They are dialled after the copy was made: one call lasts longer than the database, one attempt is ambiguous. */
const FIRST = [LIVE, AMBIGUOUS, 2, 3, 4, 5].map((index) => scripted(index, index === LIVE ? 3_600_000 : 200));
/** So many that some are left when the campaign is paused. */
const LAST = Array.from({ length: 20 }, (_, index) => FIRST.length + index).map((index) => scripted(index, 200));

/**
 * Dials, loses the database, and goes on with a copy from the beginning.
 *
 * @returns the numbers that were dialled, in order
 */
async function restore(
  campaignId: string,
  accept: (restored: CampaignRig, dialled: number) => Promise<void>,
): Promise<string[]> {
  const { simulator } = server();
  const rig = await CampaignRig.open(server());
  const start = simulator.ledger.length;
  const dialled = () => simulator.ledger.slice(start).map(({ toNumber }) => toNumber);
  simulator.setTriggerFault((number) =>
    number === numberOf(AMBIGUOUS) ? { fault: { kind: 'reset' }, dials: true } : undefined,
  );
  await rig.store.create({ campaignId });
  await rig.store.addContacts(campaignId, FIRST);
  let copy = '';
  const campaign = await rig.whileWorking(async () => {
    // A call that the copy has as a claim without an answer is ambiguous once its lease has expired, after more than a minute: the
    // second one is not claimed before the copy has been made.
    const started = await rig.start({ campaignId, contacts: LAST, limits: { callsPerSecond: 0.2 } });
    await eventually('the first call', async () =>
      (await rig.attempts(campaignId)).some(({ state }) => state === 'posted') ? true : undefined,
    );
    copy = await rig.copy();
    await started.changeLimits({ callsPerSecond: 2 });
    await eventually('the calls since', () => (dialled().length >= FIRST.length ? true : undefined));
    await started.pause('before the disaster');
    return started;
  });
  expect(dialled().length).toBeLessThan(FIRST.length + LAST.length);
  simulator.setTriggerFault(undefined);

  const restored = await rig.restore(copy);
  await restored.whileWorking(async () => {
    // What the original was paused for is lost with it: here it is paused because it is a copy.
    await eventually('the pause', async () => {
      await campaign.nudge();
      const { stateReason } = await restored.store.progress(campaignId);
      return stateReason?.includes('restored from a copy') ? true : undefined;
    });
    await accept(restored, dialled().length);
    await campaign.resume({ acceptRestored: true });
    await campaign.changeLimits({ callsPerSecond: 100 });
    const result = campaign.result();
    await followCallsUntil(result, simulator, ({ toNumber, callSid }) => {
      if (toNumber === numberOf(LIVE)) simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
      return Promise.resolve();
    });
    expect(await result).toMatchObject({ state: 'completed' });
  });
  return dialled();
}

it('a copy that was reconciled dials nobody who was dialled after it was made', async () => {
  const campaignId = 'reconciled';
  const numbers = await restore(campaignId, async (restored, dialled) => {
    const { store } = restored;
    const known = (await restored.attempts(campaignId)).length;
    const found = await reconcileCampaign(server().client, { campaignId, store });
    expect(found).toMatchObject({ calls: dialled - 1, ambiguous: 1, withoutContact: [], missing: 0, unreadable: 0 });
    // What was under way when the copy was made may be recorded too.
    expect(found.recorded).toBeGreaterThanOrEqual(dialled - known);
    expect(await reconcileCampaign(server().client, { campaignId, store })).toMatchObject({ recorded: 0 });
    const { waiting, ambiguous } = (await store.progress(campaignId)).contacts;
    expect({ waiting, ambiguous }).toEqual({ waiting: FIRST.length + LAST.length - dialled, ambiguous: 1 });
  });
  expect(numbers.toSorted()).toEqual([...FIRST, ...LAST].map(({ number }) => number).toSorted());
});

it('a copy that was not reconciled dials some of them again, by the ledger', async () => {
  const numbers = await restore('accepted', () => Promise.resolve());
  expect(new Set(numbers).size).toBeLessThan(numbers.length);
});

it('says which calls have a contact that the copy does not have, and how many attempts nobody knows', async () => {
  const campaignId = 'bereft';
  const rig = await CampaignRig.open(server());
  await rig.whileWorking(async () => {
    const campaign = await rig.start({ campaignId, contacts: [scripted(0, 100), scripted(1, 100)] });
    await campaign.result();
  });
  const [lost, known] = await rig.attempts(campaignId);
  await rig.execute(
    `DELETE FROM temporal_polyai_attempts WHERE attempt_id IN ('${lost!.attemptId}', '${known!.attemptId}')`,
  );
  await rig.execute(`DELETE FROM temporal_polyai_contacts WHERE contact_id = '${lost!.contactId}'`);
  const found = await reconcileCampaign(server().client, { campaignId, store: rig.store });
  expect(found).toMatchObject({ calls: 2, recorded: 1, missing: 1, withoutContact: [{ callSid: lost!.callSid }] });
  expect(await rig.attempts(campaignId)).toMatchObject([{ callSid: known!.callSid, state: 'posted' }]);
});
