import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openCampaignStore } from '../../../src/campaigns/open.js';
import type { OpenCampaignStore } from '../../../src/campaigns/store.js';
import { openOutcomeStore, type OpenOutcomeStore } from '../../../src/outcomes.js';
import { numberOf } from '../../support/campaign-samples.js';
import { propertyRuns } from '../../support/property-runs.js';
import { commands } from './campaign-commands.js';
import { CampaignDriver, callSidOf } from './campaign-driver.js';
import { CampaignModel } from './campaign-model.js';

/** A file system in memory, for thousands of transactions; Linux has one. */
const MEMORY = '/dev/shm';
const NUMBERS = 6;
/** For a machine that is ten times slower; with a counterexample it also shrinks. */
const TIMEOUT = { timeout: 120_000 };
const clock = { nowMs: 0 };
let folder = '';
let workers: OpenCampaignStore[] = [];
let outcomes: OpenOutcomeStore;

beforeAll(async () => {
  folder = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'temporal-polyai-campaigns-'));
  const url = `sqlite:${join(folder, 'outcomes.sqlite')}`;
  outcomes = await openOutcomeStore(url);
  workers = [1, 2].map(() => openCampaignStore(url, { now: () => clock.nowMs }));
});

afterAll(async () => {
  for (const store of [...workers, outcomes]) await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Campaigns, accounts and numbers of one run, on a database that all runs share. */
function setUp(run: number): { readonly model: CampaignModel; readonly real: CampaignDriver } {
  const campaigns = [
    { campaignId: `spring-${run}`, account: `sales-${run}` },
    { campaignId: `autumn-${run}`, account: `sales-${run}` },
    { campaignId: `winter-${run}`, account: `care-${run}` },
  ];
  const numbers = Array.from({ length: NUMBERS }, (_, index) => numberOf(run * NUMBERS + index));
  const model = new CampaignModel(clock, campaigns);
  return { model, real: new CampaignDriver(model, { workers, outcomes }, numbers) };
}

let runs = 0;
// Around both changes of the clocks of Europe and America.
const start = fc
  .constantFrom('2026-03-06', '2026-03-27', '2026-10-23', '2026-10-30')
  .map((day) => Date.parse(`${day}T08:00:00Z`));

test(
  'whatever happens in which order, no call breaks a rule, a limit or a cap, and no contact is lost',
  TIMEOUT,
  async () => {
    let dialled = 0;
    await fc.assert(
      fc.asyncProperty(start, fc.commands(commands, { maxCommands: 150, size: 'max' }), async (startMs, steps) => {
        clock.nowMs = startMs;
        const { model, real } = setUp((runs += 1));
        await real.begin();
        await fc.asyncModelRun(() => ({ model, real }), steps);
        await real.finish();
        for (const { campaignId } of model.campaigns) await expectAgreement(model, campaignId);
        dialled += model.calls.length;
      }),
      { numRuns: propertyRuns(5), interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
    );
    expect(dialled).toBeGreaterThan(propertyRuns(12));
  },
);

/** What was dialled, the rows of the database and its counts say the same. */
async function expectAgreement({ calls }: CampaignModel, campaignId: string): Promise<void> {
  const [store] = workers as [OpenCampaignStore];
  const contacts = new Map((await all(store.contacts(campaignId))).map((contact) => [contact.contactId, contact]));
  const attempts = await all(store.attempts(campaignId));
  const progress = await store.progress(campaignId);
  const isOver = progress.state === 'cancelled' ? ['waiting'] : [];
  const ends = ['done', 'failed', 'ambiguous', 'suppressed', 'blocked', ...isOver];
  for (const { state } of contacts.values()) expect(ends).toContain(state);
  expect(counted(contacts.values())).toEqual(nonZero(progress.contacts));
  expect(counted(attempts)).toEqual(nonZero(progress.attempts));
  const called = attempts.filter(({ state }) => state !== 'not_sent');
  const known = calls.filter(({ campaign }) => campaign.campaignId === campaignId);
  expect(called.map(({ attemptId }) => attemptId).sort()).toEqual(known.map(({ attemptId }) => attemptId).sort());
  for (const { attemptId, state, callSid, contactId } of called) {
    const call = known.find((candidate) => candidate.attemptId === attemptId)!;
    expect(contacts.get(contactId)!.number).toBe(call.number);
    expect([state, callSid]).toEqual(call.state === 'ended' ? ['ended', callSidOf(call)] : ['ambiguous', undefined]);
  }
}

function counted(rows: Iterable<{ readonly state: string }>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function nonZero(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, amount]) => amount > 0));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
