/** A worker whose campaign store takes what may have been dialled for not dialled: what the guard is there to prevent. */
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities, createCampaignActivities } from 'temporal-polyai/activities';
import { type CampaignStore, openCampaignStore } from 'temporal-polyai/campaigns';
import { openOutcomeStore } from 'temporal-polyai/outcomes';
import { DEFAULT_TASK_QUEUE, PolyAiClient } from 'temporal-polyai';

const env = (name: string): string => process.env[name] ?? '';
const url = env('POLYAI_OUTCOMES_URL');
const store = openCampaignStore(url);
const outcomes = await openOutcomeStore(url);
const polyAi = new PolyAiClient({ baseUrl: env('POLYAI_BASE_URL'), token: env('POLYAI_AUTH_TOKEN') });

const unguarded: Partial<CampaignStore> = {
  recordAmbiguous: async (attempt) => await store.recordNotSent({ ...attempt, then: 'again' }),
  upkeep: async (campaignId) => {
    const upkeep = await store.upkeep(campaignId);
    const { contacts } = await store.progress(campaignId);
    const change = { kind: 'retryAmbiguous' } as const;
    if (contacts.ambiguous > 0) await store.change({ campaignId, changeId: crypto.randomUUID(), change });
    return upkeep;
  },
};
const campaigns = new Proxy<CampaignStore>(store, {
  get: (target, name) => {
    const member: unknown = Reflect.get(unguarded, name) ?? Reflect.get(target, name);
    return typeof member === 'function' ? (member.bind(target) as unknown) : member;
  },
});

const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: env('TEMPORAL_ADDRESS') }),
  namespace: env('TEMPORAL_NAMESPACE'),
  taskQueue: DEFAULT_TASK_QUEUE,
  workflowBundle: { codePath: env('POLYAI_WORKFLOW_BUNDLE') },
  activities: { ...createActivities({ polyAi, outcomes }), ...createCampaignActivities({ polyAi, campaigns }) },
});
await worker.run();
