import { describe, expect, it } from 'vitest';

import { packagedRegionalRules } from '../../../src/campaigns/rules/regional-rules.js';
import type { RegionalRule } from '../../../src/contract/regional-rules.js';
import type { CampaignRulesInput } from '../../../src/contract/campaign-rules.js';
import { type CampaignBench, listed, openBench } from '../../support/campaign-bench.js';
import { contactOf, OPEN_RULES, startCampaignOf } from '../../support/campaign-samples.js';
import { failed } from '../../support/outcome-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const MIAMI = contactOf(1, { number: '+13055550101', timeZones: ['America/New_York'] });
/** Half past eight in the evening in Miami, when Florida allows no calls and the federation does. */
const EVENING = Date.parse('2026-07-02T00:30:00Z');
const { edition, rules: packaged } = packagedRegionalRules();
const OWN: RegionalRule = {
  region: 'US-FL',
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', until: '21:00' }],
  sources: [{ citation: 'counsel, 2026-03' }],
};

describe.each(useStores())('the rules of regions in a campaign store on $name', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => {
    const bench = openBench(await freshUrl());
    bench.nowMs = EVENING;
    return bench;
  };
  const changeRules = async ({ store }: CampaignBench, rules: CampaignRulesInput): Promise<unknown> =>
    await store.change({ campaignId: 'spring', changeId: JSON.stringify(rules), change: { kind: 'rules', rules } });

  it('are in force unless somebody says otherwise, and each attempt says by which it was allowed', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [MIAMI] });
    expect(await bench.store.rules('spring')).toMatchObject({ version: 2, regional: { edition, rules: packaged } });
    expect(await bench.claim()).toMatchObject({ kind: 'wait', untilMs: Date.parse('2026-07-02T12:00:00Z') });
    expect(await bench.contacts()).toMatchObject([
      { regions: ['US-FL'], reason: 'the calling window of US-FL is closed', dueAt: '2026-07-02T12:00:00.000Z' },
    ]);
    await changeRules(bench, { regional: { packaged: false } });
    expect((await bench.store.rules('spring')).regional).toEqual({ edition: null, rules: [] });
    await bench.claimed();
    expect(await bench.attempts()).toMatchObject([{ rulesVersion: 3 }]);
  });

  it('are checked again before the request', async () => {
    const bench = await open();
    bench.nowMs = Date.parse('2026-07-01T23:59:50Z');
    await startCampaignOf(bench.store, { contacts: [MIAMI] });
    const claim = await bench.claimed();
    bench.nowMs = Date.parse('2026-07-02T00:00:00Z');
    expect(await bench.store.beginPosting(claim)).toEqual({
      kind: 'refused',
      reason: 'the calling window of US-FL is closed',
    });
    expect(await bench.claim()).toMatchObject({ kind: 'wait', untilMs: Date.parse('2026-07-02T12:00:00Z') });
  });

  it('hold for the region that was given, before that of the number', async () => {
    const bench = await open();
    const [moved, abroad] = [contactOf(2, { regions: ['us-fl'] }), { ...MIAMI, regions: ['DE'] }];
    const inMiami = { ...moved, timeZones: MIAMI.timeZones };
    await startCampaignOf(bench.store, { contacts: [inMiami, abroad] });
    const claim = await bench.claimed();
    const contacts = await bench.contacts();
    expect(contacts.find(({ contactId }) => contactId === claim.contactId)).toMatchObject({ regions: ['DE'] });
    expect(await bench.claim()).toMatchObject({ kind: 'wait' });
    // A correction is judged at once.
    await bench.store.addContacts('spring', [{ ...inMiami, regions: ['GB'] }]);
    await bench.claimed();
  });

  it('can be replaced and extended by rules of your own, which stay when others change', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [MIAMI], rules: { regional: { own: [OWN] } } });
    await changeRules(bench, { maxAttempts: 2 });
    const { rules, regional } = await bench.store.rules('spring');
    expect(rules.regional).toEqual({ packaged: true, own: [OWN] });
    expect(regional.rules.filter(({ region }) => region === 'US-FL')).toEqual([OWN]);
    expect(regional.rules).toHaveLength(packaged.length);
    await bench.claimed();
  });

  it('cap the calls to a number in their region', async () => {
    const bench = await open();
    bench.nowMs = Date.parse('2026-07-01T13:00:00Z');
    await startCampaignOf(bench.store, { contacts: [MIAMI], rules: { maxAttempts: 9, retryAfter: { busy: '1m' } } });
    for (const callSid of ['OUT-1', 'OUT-2', 'OUT-3']) {
      await bench.call(callSid, failed(callSid, 'busy'));
      bench.nowMs += 60_000;
    }
    expect(await bench.claim()).toMatchObject({ kind: 'wait' });
    expect(await bench.contacts()).toMatchObject([{ reason: 'the cap of US-FL on calls to the number' }]);
  });

  it('are named by the plan', async () => {
    const bench = await open();
    const texas = contactOf(2, { number: '+17135550101', timeZones: ['America/Chicago'], reference: 'houston' });
    await bench.store.create({ campaignId: 'spring' });
    await bench.store.addContacts('spring', [{ ...MIAMI, reference: 'miami' }, texas]);
    // Sunday, 08:30 in Miami and 07:30 in Houston, where calls begin at noon.
    bench.nowMs = Date.parse('2026-07-05T12:30:00Z');
    const plan = await bench.store.plan('spring', { rules: OPEN_RULES });
    expect(plan.regionalEdition).toBe(edition);
    expect(await listed(plan.contacts)).toMatchObject([
      { reference: 'miami', at: '2026-07-05T12:30:00.000Z', reason: '' },
      { reference: 'houston', at: '2026-07-05T17:00:00.000Z', reason: 'the calling window of US, US-TX is closed' },
    ]);
  });

  it('stay as they were written until the rules are changed, whatever the package has', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [MIAMI] });
    await bench.execute(
      `UPDATE temporal_polyai_campaign_rules SET regional_rules = '{"edition":"2020-01-01","rules":[]}' WHERE version = 2`,
    );
    const upgraded = openBench(bench.url);
    upgraded.nowMs = EVENING;
    expect((await upgraded.store.rules('spring')).regional).toEqual({ edition: '2020-01-01', rules: [] });
    const claim = await upgraded.claimed();
    await changeRules(upgraded, { maxAttempts: 5 });
    expect(await upgraded.store.rules('spring')).toMatchObject({ version: 3, regional: { edition } });
    expect(await upgraded.store.beginPosting(claim)).toMatchObject({ kind: 'refused' });
    expect(await upgraded.claim()).toMatchObject({ kind: 'wait' });
    expect(await upgraded.attempts()).toMatchObject([{ state: 'not_sent', rulesVersion: 2 }]);
  });

  it('of a newer package stay in force under an older one', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [MIAMI] });
    await bench.execute(
      `UPDATE temporal_polyai_campaign_rules SET regional_rules = '{"edition":"2999-01-01","rules":[]}' WHERE version = 2`,
    );
    const older = openBench(bench.url);
    await changeRules(older, { maxAttempts: 5 });
    expect(await older.store.rules('spring')).toMatchObject({
      version: 3,
      regional: { edition: '2999-01-01', rules: [] },
    });
  });

  it('are taken from the package when the campaign is started', async () => {
    const bench = await open();
    await bench.store.create({ campaignId: 'spring' });
    await bench.execute(
      `UPDATE temporal_polyai_campaign_rules SET regional_rules = '{"edition":"2020-01-01","rules":[]}' WHERE version = 1`,
    );
    const { store } = openBench(bench.url);
    expect((await store.plan('spring')).regionalEdition).toBe(edition);
    await store.change({ campaignId: 'spring', changeId: 'start', change: { kind: 'start' } });
    expect(await store.rules('spring')).toMatchObject({ version: 2, regional: { edition } });
  });

  it('that cannot be read pause the campaign', async () => {
    const bench = await open();
    bench.nowMs = Date.parse('2026-07-01T13:00:00Z');
    await startCampaignOf(bench.store, { contacts: [MIAMI] });
    await bench.execute(`UPDATE temporal_polyai_campaign_rules SET regional_rules = NULL`);
    const other = openBench(bench.url);
    other.nowMs = bench.nowMs;
    expect(await other.claim()).toEqual({ kind: 'none', reason: 'version 2 of the rules cannot be read' });
    expect(await other.store.find('spring')).toMatchObject({ state: 'paused' });
  });
});
