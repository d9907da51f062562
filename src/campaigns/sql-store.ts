import {
  CAMPAIGN_ID_FORMAT,
  type CampaignProgress,
  type ChangeCampaignInput,
  isCampaignId,
  type KnownDatabase,
  type VersionedRules,
} from '../contract/campaign.js';
import type {
  DispositionReport,
  RecordedDisposition,
  StoredDispositionReport,
} from '../contract/disposition-report.js';
import type { AttemptOutsideDatabase, ReconciledAttempts } from '../contract/reconciliation.js';
import { change, createCampaign } from './changes.js';
import { claim } from './claims.js';
import { addChunk, chunksOf, listAttempts, listContacts, locate } from './contacts.js';
import { NUMBER_KEY, SEQUENCE } from './database/schema.js';
import type { SqlDatabase, SqlTransaction } from './database/sql.js';
import { listReports, recordDisposition } from './dispositions.js';
import { erase, personalData, personOf } from './erasure.js';
import type { CampaignPlan, PlanOptions } from './plan/campaign-plan.js';
import { planCampaign, readPlanBasis } from './plan/planning.js';
import { beginPosting, recordAmbiguous, recordNotSent, recordPosted } from './posting.js';
import { readProgress } from './progress.js';
import { reconcile, reconciliationChunks } from './reconciliation.js';
import type { Attempt, Campaign, Contact, NewContact, PersonToErase, PersonalData, Suppression } from './records.js';
import { CAMPAIGN_ROWS, type CampaignRow, campaignRow, toCampaign } from './rows.js';
import { otherDatabaseError, pauseRestored } from './sequence.js';
import { recordEnded, scheduleNextCheck, upkeep } from './settlement.js';
import type * as Store from './store.js';
import { Rulebook, type StoreTransaction } from './store-transaction.js';
import { listSuppressions, numbersToSuppress, suppress } from './suppressions.js';

export interface SqlCampaignStoreOptions {
  /**
   * The clock, in epoch milliseconds, for tests.
   * @default the database's
   */
  readonly now?: (() => number) | undefined;
}

interface TransactionRow {
  readonly now_ms: number;
  readonly sequence: number;
  readonly database_id: string;
  readonly key: string;
}

/** Campaigns in a SQL database. Everything that decides about a call runs in exclusive transactions. */
export class SqlCampaignStore implements Store.OpenCampaignStore {
  readonly #rulebook = new Rulebook();
  /** How far the database is known to have come. */
  #knownSequence = 0;

  constructor(
    private readonly db: SqlDatabase,
    private readonly options: SqlCampaignStoreOptions = {},
  ) {}

  async create({ campaignId, account = '' }: Parameters<Store.CampaignStore['create']>[0]): Promise<Campaign> {
    if (!isCampaignId(campaignId)) throw new TypeError(`invalid campaign ID: expected ${CAMPAIGN_ID_FORMAT}`);
    return toCampaign(await this.#decide((transaction) => createCampaign(transaction, campaignId, account)));
  }

  async find(campaignId: string): Promise<Campaign | undefined> {
    const sql = `${CAMPAIGN_ROWS} WHERE c.campaign_id = $1`;
    const [row] = await this.db.read((tx) => tx.rows<CampaignRow>(sql, [campaignId]));
    return row && toCampaign(row);
  }

  async list(): Promise<readonly Campaign[]> {
    const sql = `${CAMPAIGN_ROWS} ORDER BY c.created_at DESC, c.campaign_id`;
    return (await this.db.read((tx) => tx.rows<CampaignRow>(sql))).map(toCampaign);
  }

  async addContacts(campaignId: string, contacts: readonly NewContact[]): Promise<Store.AddedContacts> {
    let added = 0;
    for (const chunk of chunksOf(contacts)) {
      const located = locate(chunk);
      added += await this.#decide((transaction) => addChunk(transaction, campaignId, located));
    }
    return { added, updated: contacts.length - added };
  }

  async change(input: ChangeCampaignInput): Promise<Campaign> {
    return await this.#decide(async (transaction) => {
      await change(transaction, input);
      return toCampaign(await campaignRow(transaction.tx, input.campaignId));
    });
  }

  async requireDatabase({ campaignId, databaseId, sequence = 0 }: KnownDatabase): Promise<void> {
    if (databaseId !== undefined) {
      const transaction = await this.db.read((tx) => this.#storeTransaction(tx));
      if (transaction.databaseId !== databaseId)
        throw otherDatabaseError(campaignId, databaseId, transaction.databaseId);
    }
    this.#know(sequence);
  }

  async rules(campaignId: string): Promise<VersionedRules> {
    return await this.db.read(async (tx) => {
      const campaign = await campaignRow(tx, campaignId);
      const { rules, packaged, regional } = await this.#rulebook.of(tx, campaign);
      const inForce = { edition: packaged?.edition ?? null, rules: regional.rules };
      return { version: campaign.rules_version, rules, regional: inForce };
    });
  }

  async suppress(...[written, why]: Parameters<Store.CampaignStore['suppress']>): Promise<void> {
    for (const numbers of numbersToSuppress(written)) {
      await this.#decide((transaction) => suppress(transaction, numbers, why));
    }
  }

  async claim(request: Store.ClaimRequest): Promise<Store.ClaimAnswer> {
    return await this.#decide((transaction) => claim(transaction, request));
  }

  async beginPosting(claimed: Pick<Store.Claim, 'attemptId' | 'owner'>): Promise<Store.PostingAnswer> {
    return await this.#decide((transaction) => beginPosting(transaction, claimed));
  }

  async recordPosted(posted: Parameters<Store.CampaignStore['recordPosted']>[0]): Promise<void> {
    await this.#decide((transaction) => recordPosted(transaction, posted));
  }

  async recordAmbiguous(ambiguous: Parameters<Store.CampaignStore['recordAmbiguous']>[0]): Promise<void> {
    await this.#decide((transaction) => recordAmbiguous(transaction, ambiguous));
  }

  async recordNotSent(notSent: Store.NotSent): Promise<void> {
    await this.#decide((transaction) => recordNotSent(transaction, notSent));
  }

  async recordMonitored(attemptId: string): Promise<void> {
    await this.#decide((transaction) => scheduleNextCheck(transaction, attemptId));
  }

  async recordEnded(ended: Parameters<Store.CampaignStore['recordEnded']>[0]): Promise<void> {
    await this.#decide((transaction) => recordEnded(transaction, ended));
  }

  async recordDisposition(report: DispositionReport): Promise<RecordedDisposition> {
    return await this.#decide((transaction) => recordDisposition(transaction, report));
  }

  async upkeep(campaignId: string): Promise<Store.Upkeep> {
    return await this.#decide((transaction) => upkeep(transaction, campaignId, this.db.outcomesTable));
  }

  async progress(campaignId: string): Promise<CampaignProgress> {
    return await this.db.read(async (tx) => await readProgress(await this.#storeTransaction(tx), campaignId));
  }

  contacts(campaignId: string): AsyncIterable<Contact> {
    return listContacts(this.db, campaignId);
  }

  attempts(campaignId: string): AsyncIterable<Attempt> {
    return listAttempts(this.db, campaignId);
  }

  dispositionReports(campaignId: string): AsyncIterable<StoredDispositionReport> {
    return listReports(this.db, campaignId);
  }

  suppressions(): AsyncIterable<Suppression> {
    return listSuppressions(this.db);
  }

  async personalData(whose: PersonToErase): Promise<PersonalData> {
    const person = personOf(whose);
    return await this.db.read((tx) => personalData(tx, person));
  }

  async erase(whose: PersonToErase): Promise<PersonalData> {
    const person = personOf(whose);
    return await this.#decide((transaction) => erase(transaction, person, this.db.outcomesTable));
  }

  async reconcile(campaignId: string, attempts: readonly AttemptOutsideDatabase[]): Promise<ReconciledAttempts> {
    let recorded = 0;
    const withoutContact: AttemptOutsideDatabase[] = [];
    for (const chunk of reconciliationChunks(attempts)) {
      const reconciled = await this.#decide((transaction) => reconcile(transaction, campaignId, chunk));
      recorded += reconciled.recorded;
      withoutContact.push(...reconciled.withoutContact);
    }
    return { recorded, withoutContact };
  }

  async plan(campaignId: string, options: PlanOptions = {}): Promise<CampaignPlan> {
    const basis = await this.db.read(
      async (tx) => await readPlanBasis(await this.#storeTransaction(tx), campaignId, options),
    );
    return await planCampaign(this.db, basis, options);
  }

  async close(): Promise<void> {
    await this.db.close();
  }

  async #decide<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    const decided = await this.db.exclusive(async (tx) => {
      const transaction = await this.#storeTransaction(tx);
      // Committed by itself: what fails after it must not undo it.
      if (transaction.sequence < this.#knownSequence) {
        await pauseRestored(transaction, this.#knownSequence);
        return undefined;
      }
      this.#know(transaction.sequence);
      return { result: await work(transaction) };
    });
    return decided ? decided.result : await this.#decide(work);
  }

  #know(sequence: number): void {
    this.#knownSequence = Math.max(this.#knownSequence, sequence);
  }

  async #storeTransaction(tx: SqlTransaction): Promise<StoreTransaction> {
    const [row] = await tx.rows<TransactionRow>(
      `SELECT ${this.db.clock} AS now_ms, s.value AS sequence, s.database_id, k.value AS key
       FROM ${SEQUENCE} AS s, ${NUMBER_KEY} AS k`,
    );
    const { now_ms: nowMs, sequence, database_id: databaseId, key: numberKey } = row!;
    return { tx, nowMs: this.options.now?.() ?? nowMs, sequence, databaseId, numberKey, rulebook: this.#rulebook };
  }
}
