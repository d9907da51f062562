import {
  type CampaignProgress,
  CAMPAIGN_ID_FORMAT,
  type ChangeCampaignInput,
  isCampaignId,
  type VersionedRules,
} from '../contract/campaign.js';
import { change, createCampaign } from './changes.js';
import { claim } from './claims.js';
import { addContacts, listAttempts, listContacts, suppress } from './contacts.js';
import { beginPosting, recordAmbiguous, recordNotSent, recordPosted } from './posting.js';
import { readProgress } from './progress.js';
import { type CampaignRow, campaignRow, toCampaign } from './rows.js';
import { CAMPAIGNS } from './schema.js';
import { recordEnded, recordMonitored, upkeep } from './settlement.js';
import type { SqlDatabase, SqlTransaction } from './sql.js';
import { Rulebook, type Step } from './step.js';
import type * as Store from './store.js';

export interface SqlCampaignStoreOptions {
  /**
   * The clock, in epoch milliseconds, for tests.
   * @default the database's
   */
  readonly now?: (() => number) | undefined;
}

/** Campaigns in a SQL database. Everything that decides about a call runs in exclusive transactions. */
export class SqlCampaignStore implements Store.OpenCampaignStore {
  readonly #rulebook = new Rulebook();

  constructor(
    private readonly db: SqlDatabase,
    private readonly options: SqlCampaignStoreOptions = {},
  ) {}

  async create({ campaignId, account = '' }: Parameters<Store.CampaignStore['create']>[0]): Promise<Store.Campaign> {
    if (!isCampaignId(campaignId)) throw new TypeError(`invalid campaign ID: expected ${CAMPAIGN_ID_FORMAT}`);
    return toCampaign(await this.#decide((step) => createCampaign(step, campaignId, account)));
  }

  async find(campaignId: string): Promise<Store.Campaign | undefined> {
    const sql = `SELECT * FROM ${CAMPAIGNS} WHERE campaign_id = $1`;
    const [row] = await this.db.read((tx) => tx.rows<CampaignRow>(sql, [campaignId]));
    return row && toCampaign(row);
  }

  async list(): Promise<readonly Store.Campaign[]> {
    const sql = `SELECT * FROM ${CAMPAIGNS} ORDER BY created_at DESC, campaign_id`;
    return (await this.db.read((tx) => tx.rows<CampaignRow>(sql))).map(toCampaign);
  }

  async addContacts(campaignId: string, contacts: readonly Store.NewContact[]): Promise<Store.AddedContacts> {
    return await this.#decide((step) => addContacts(step, campaignId, contacts));
  }

  async change(input: ChangeCampaignInput): Promise<Store.Campaign> {
    return await this.#decide(async (step) => {
      await change(step, input);
      return toCampaign(await campaignRow(step.tx, input.campaignId));
    });
  }

  async rules(campaignId: string): Promise<VersionedRules> {
    return await this.db.read(async (tx) => {
      const campaign = await campaignRow(tx, campaignId);
      return { version: campaign.rules_version, rules: (await this.#rulebook.of(tx, campaign)).rules };
    });
  }

  async suppress(number: string, why: Parameters<Store.CampaignStore['suppress']>[1]): Promise<void> {
    await this.#decide((step) => suppress(step, number, why));
  }

  async claim(request: Store.ClaimRequest): Promise<Store.ClaimAnswer> {
    return await this.#decide((step) => claim(step, request));
  }

  async beginPosting(claimed: Pick<Store.Claim, 'attemptId' | 'owner'>): Promise<Store.PostingAnswer> {
    return await this.#decide((step) => beginPosting(step, claimed));
  }

  async recordPosted(posted: Parameters<Store.CampaignStore['recordPosted']>[0]): Promise<void> {
    await this.#decide((step) => recordPosted(step, posted));
  }

  async recordAmbiguous(ambiguous: Parameters<Store.CampaignStore['recordAmbiguous']>[0]): Promise<void> {
    await this.#decide((step) => recordAmbiguous(step, ambiguous));
  }

  async recordNotSent(notSent: Store.NotSent): Promise<void> {
    await this.#decide((step) => recordNotSent(step, notSent));
  }

  async recordMonitored(attemptId: string): Promise<void> {
    await this.#decide((step) => recordMonitored(step, attemptId));
  }

  async recordEnded(ended: Parameters<Store.CampaignStore['recordEnded']>[0]): Promise<void> {
    await this.#decide((step) => recordEnded(step, ended));
  }

  async upkeep(campaignId: string): Promise<Store.Upkeep> {
    return await this.#decide((step) => upkeep(step, campaignId, this.db.outcomesTable));
  }

  async progress(campaignId: string): Promise<CampaignProgress> {
    return await this.db.read(async (tx) => await readProgress(tx, campaignId, await this.#now(tx)));
  }

  contacts(campaignId: string): AsyncIterable<Store.Contact> {
    return listContacts(this.db, campaignId);
  }

  attempts(campaignId: string): AsyncIterable<Store.Attempt> {
    return listAttempts(this.db, campaignId);
  }

  async close(): Promise<void> {
    await this.db.close();
  }

  async #decide<T>(work: (step: Step) => Promise<T>): Promise<T> {
    return await this.db.exclusive(async (tx) => await work(await this.#step(tx)));
  }

  async #step(tx: SqlTransaction): Promise<Step> {
    return { tx, nowMs: await this.#now(tx), rulebook: this.#rulebook };
  }

  async #now(tx: SqlTransaction): Promise<number> {
    if (this.options.now) return this.options.now();
    const [row] = await tx.rows<{ readonly now_ms: number }>(`SELECT ${this.db.clock} AS now_ms`);
    return row!.now_ms;
  }
}
