import { createRequire } from 'node:module';
import type Libsql from 'libsql';
import { expect, onTestFinished } from 'vitest';

import { openCampaignStore } from '../../src/campaigns/open.js';
import type { Claim, ClaimAnswer, OpenCampaignStore } from '../../src/campaigns/store.js';
import type { Attempt, Contact } from '../../src/campaigns/records.js';
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
    const db = openFile(this.url);
    db.exec(sql);
    db.close();
  }

  /** The rows of all tables, as JSON. */
  async dump(): Promise<string> {
    if (!this.url.startsWith('sqlite:')) {
      const tables = await query(this.url, `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`);
      return JSON.stringify(
        await Promise.all(tables.map(({ name }) => query(this.url, `SELECT * FROM ${String(name)}`))),
      );
    }
    const db = openFile(this.url);
    const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all() as {
      readonly name: string;
    }[];
    const rows = tables.map(({ name }) => db.prepare(`SELECT * FROM ${name}`).all());
    db.close();
    return JSON.stringify(rows);
  }

  async contacts(campaignId = 'spring'): Promise<Contact[]> {
    return await listed(this.store.contacts(campaignId));
  }

  async attempts(campaignId = 'spring'): Promise<Attempt[]> {
    return await listed(this.store.attempts(campaignId));
  }
}

function openFile(url: string): Libsql.Database {
  const Database = createRequire(import.meta.url)('libsql') as typeof Libsql;
  const db = new Database(url.slice('sqlite:'.length));
  // A worker may be writing.
  db.pragma('busy_timeout = 10000');
  return db;
}

export async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
