import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Libsql from 'libsql';
import type { Worker } from '@temporalio/worker';
import { inject, onTestFinished } from 'vitest';

import { openCampaignStore } from '../../src/campaigns/open.js';
import type { SqlCampaignStoreOptions } from '../../src/campaigns/sql-store.js';
import type { CampaignStore, OpenCampaignStore } from '../../src/campaigns/store.js';
import type { Attempt, Contact, NewContact } from '../../src/campaigns/records.js';
import { type CampaignHandle, startCampaign } from '../../src/client/start-campaign.js';
import type { AccountLimits } from '../../src/contract/campaign.js';
import type { CampaignRulesInput } from '../../src/contract/campaign-rules.js';
import { DEFAULT_TASK_QUEUE, PolyAiClient } from '../../src/index.js';
import { openOutcomeStore, type OpenOutcomeStore } from '../../src/outcomes.js';
import { createWorker, type CreateWorkerOptions } from '../../src/worker/create-worker.js';
import { listed } from './campaign-bench.js';
import { OPEN_RULES } from './campaign-samples.js';
import type { DevServerRig } from './dev-server-rig.js';

interface NewCampaign {
  /** @default a random one */
  readonly campaignId?: string;
  readonly contacts: readonly NewContact[];
  readonly rules?: CampaignRulesInput;
  readonly limits?: Partial<AccountLimits>;
  readonly lanes?: number;
  readonly taskQueue?: string;
}

interface RigWorker extends Partial<Pick<CreateWorkerOptions, 'connection' | 'taskQueue' | 'deployment' | 'plugins'>> {
  /** @default the rig's */
  readonly campaigns?: CampaignStore;
}

/** Campaigns on a real Temporal server, with a database of their own for each test. */
export class CampaignRig {
  private constructor(
    readonly server: DevServerRig,
    readonly url: string,
    readonly store: OpenCampaignStore,
    private readonly outcomes: OpenOutcomeStore,
  ) {}

  static async open(server: DevServerRig, options?: SqlCampaignStoreOptions): Promise<CampaignRig> {
    const folder = await mkdtemp(join(tmpdir(), 'temporal-polyai-campaign-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return await CampaignRig.#at(server, `sqlite:${join(folder, 'outcomes.sqlite')}`, options);
  }

  static async #at(server: DevServerRig, url: string, options?: SqlCampaignStoreOptions): Promise<CampaignRig> {
    const outcomes = await openOutcomeStore(url);
    const store = openCampaignStore(url, options);
    onTestFinished(async () => {
      await outcomes.close();
      await store.close();
    });
    return new CampaignRig(server, url, store, outcomes);
  }

  /** Imports contacts and starts the workflow, whose runs are replayed after the test. */
  async start({ contacts, rules, limits, lanes, taskQueue, ...given }: NewCampaign): Promise<CampaignHandle> {
    const { campaignId = `c-${randomUUID().slice(0, 8)}` } = given;
    await this.store.create({ campaignId });
    await this.store.addContacts(campaignId, contacts);
    const input = {
      campaignId,
      rules: { ...OPEN_RULES, ...rules },
      limits: { callsAtOnce: 100, callsPerSecond: 100, ...limits },
      lanes,
    };
    const campaign = await startCampaign(this.server.client, input, { taskQueue });
    this.server.remember(campaign.workflowId);
    return campaign;
  }

  /** A client as a worker of this rig has one; to be closed. */
  createClient(): PolyAiClient {
    const { simulator } = this.server;
    // A request that a busy machine answers late would be ambiguous.
    return new PolyAiClient({ baseUrl: simulator.url, token: simulator.token, requestTimeoutMs: 8_000 });
  }

  async createWorker(polyAi: PolyAiClient, options: RigWorker = {}): Promise<Worker> {
    return await createWorker({
      connection: this.server.nativeConnection,
      namespace: this.server.server.namespace,
      taskQueue: DEFAULT_TASK_QUEUE,
      polyAi,
      outcomes: this.outcomes,
      campaigns: this.store,
      workflowBundlePath: inject('workflowBundlePath'),
      ...options,
    });
  }

  /** Runs a worker in this process until `work` is done. */
  async whileWorking<T>(work: () => Promise<T>, options: RigWorker = {}): Promise<T> {
    const polyAi = this.createClient();
    const worker = await this.createWorker(polyAi, options);
    try {
      return await this.server.runUntil(worker, work);
    } finally {
      await polyAi.close();
    }
  }

  /** @returns the file of a copy of the database as it is now */
  async copy(): Promise<string> {
    const file = `${this.url.slice('sqlite:'.length)}.copy`;
    await this.execute(`VACUUM INTO '${file}'`);
    return file;
  }

  /** Runs a statement behind the store's back. */
  async execute(sql: string): Promise<void> {
    const Database = createRequire(import.meta.url)('libsql') as typeof Libsql;
    const db = new Database(this.url.slice('sqlite:'.length));
    // A worker may be writing.
    db.pragma('busy_timeout = 10000');
    db.exec(sql);
    db.close();
    return Promise.resolve();
  }

  /** The campaigns of a copy, as a new process finds them. */
  async restore(copy: string): Promise<CampaignRig> {
    return await CampaignRig.#at(this.server, `sqlite:${copy}`);
  }

  async contacts(campaignId: string): Promise<Contact[]> {
    return await listed(this.store.contacts(campaignId));
  }

  async attempts(campaignId: string): Promise<Attempt[]> {
    return await listed(this.store.attempts(campaignId));
  }
}
