import { createRequire } from 'node:module';
import type Libsql from 'libsql';
import { expect, onTestFinished } from 'vitest';

import { openCampaignStore } from '../../src/campaigns/open.js';
import type { Attempt, Claim, ClaimAnswer, Contact, OpenCampaignStore } from '../../src/campaigns/store.js';
import type { OutcomeRecord } from '../../src/contract/outcome.js';
import { openOutcomeStore } from '../../src/outcomes.js';
import { query } from './postgres-cluster.js';

/** Opens a campaign store until the end of the test. */
export function openBench(url: string): CampaignBench {
  const store = openCampaignStore(url, { now: () => bench.nowMs });
  onTestFinished(() => store.close());
  const bench = new CampaignBench(url, store);
  return bench;
}

/** A store whose clock stands still until it is moved. */
export class CampaignBench {
  nowMs = Date.parse('2026-07-01T12:00:00Z');

  constructor(
    readonly url: string,
    readonly store: OpenCampaignStore,
  ) {}

  async claim(campaignId = 'spring', owner = `owner-${Math.random()}`): Promise<ClaimAnswer> {
    this.nowMs += 1;
    return await this.store.claim({ campaignId, owner });
  }

  async claimed(campaignId = 'spring'): Promise<Claim> {
    const answer = await this.claim(campaignId);
    expect(answer).toMatchObject({ kind: 'claimed' });
    return (answer as Extract<ClaimAnswer, { kind: 'claimed' }>).claim;
  }

  /** Dials, and ends the call with an outcome in the outcome store. */
  async call(callSid: string, outcome: OutcomeRecord, campaignId = 'spring'): Promise<Claim> {
    const claim = await this.claimed(campaignId);
    expect(await this.store.beginPosting(claim)).toMatchObject({ kind: 'post' });
    await this.store.recordPosted({ attemptId: claim.attemptId, callSid });
    const outcomes = await openOutcomeStore(this.url);
    await outcomes.save(outcome);
    await outcomes.close();
    await this.store.upkeep(campaignId);
    return claim;
  }

  /** Runs a statement behind the store's back. */
  async execute(sql: string): Promise<void> {
    if (!this.url.startsWith('sqlite:')) {
      await query(this.url, sql);
      return;
    }
    const Database = createRequire(import.meta.url)('libsql') as typeof Libsql;
    const db = new Database(this.url.slice('sqlite:'.length));
    db.exec(sql);
    db.close();
  }

  async contacts(campaignId = 'spring'): Promise<Contact[]> {
    return await listed(this.store.contacts(campaignId));
  }

  async attempts(campaignId = 'spring'): Promise<Attempt[]> {
    return await listed(this.store.attempts(campaignId));
  }
}

async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
