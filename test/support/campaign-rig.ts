import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';

import { openCampaignStore } from '../../src/campaigns/open.js';
import type { Attempt, CampaignStore, Contact, NewContact, OpenCampaignStore } from '../../src/campaigns/store.js';
import { type CampaignHandle, startCampaign } from '../../src/client/start-campaign.js';
import type { AccountLimits } from '../../src/contract/campaign.js';
import type { CampaignRulesInput } from '../../src/contract/campaign-rules.js';
import { DEFAULT_TASK_QUEUE, PolyAiClient } from '../../src/index.js';
import { openOutcomeStore, type OpenOutcomeStore } from '../../src/outcomes.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { OPEN_RULES } from './campaign-samples.js';
import type { DevServerRig } from './dev-server-rig.js';

interface NewCampaign {
  readonly contacts: readonly NewContact[];
  readonly rules?: CampaignRulesInput;
  readonly limits?: Partial<AccountLimits>;
  readonly lanes?: number;
}

/** Campaigns on a real Temporal server, with a database of their own for each test. */
export class CampaignRig {
  private constructor(
    readonly server: DevServerRig,
    readonly url: string,
    readonly store: OpenCampaignStore,
    private readonly outcomes: OpenOutcomeStore,
  ) {}

  static async open(server: DevServerRig): Promise<CampaignRig> {
    const folder = await mkdtemp(join(tmpdir(), 'temporal-polyai-campaign-'));
    const url = `sqlite:${join(folder, 'outcomes.sqlite')}`;
    const outcomes = await openOutcomeStore(url);
    const store = openCampaignStore(url);
    onTestFinished(async () => {
      await outcomes.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    });
    return new CampaignRig(server, url, store, outcomes);
  }

  /** Imports contacts and starts the workflow, whose runs are replayed after the test. */
  async start({ contacts, rules, limits, lanes }: NewCampaign): Promise<CampaignHandle> {
    const campaignId = `c-${randomUUID().slice(0, 8)}`;
    await this.store.create({ campaignId });
    await this.store.addContacts(campaignId, contacts);
    const campaign = await startCampaign(this.server.client, {
      campaignId,
      rules: { ...OPEN_RULES, ...rules },
      limits: { callsAtOnce: 100, callsPerSecond: 100, ...limits },
      lanes,
    });
    this.server.remember(campaign.workflowId);
    return campaign;
  }

  /** Runs a worker in this process until `work` is done. */
  async whileWorking<T>(work: () => Promise<T>, campaigns: CampaignStore = this.store): Promise<T> {
    const { simulator } = this.server;
    // A request that a busy machine answers late would be ambiguous.
    const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token, requestTimeoutMs: 8_000 });
    const worker = await createWorker({
      connection: this.server.nativeConnection,
      namespace: this.server.server.namespace,
      taskQueue: DEFAULT_TASK_QUEUE,
      polyAi,
      outcomes: this.outcomes,
      campaigns,
      workflowBundlePath: inject('workflowBundlePath'),
    });
    try {
      return await worker.runUntil(work);
    } finally {
      await polyAi.close();
    }
  }

  async contacts(campaignId: string): Promise<Contact[]> {
    return await all(this.store.contacts(campaignId));
  }

  async attempts(campaignId: string): Promise<Attempt[]> {
    return await all(this.store.attempts(campaignId));
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
