import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { PolyAiClient } from 'temporal-polyai';
import { createCampaignActivities } from 'temporal-polyai/activities';
import { type OpenCampaignStore, openCampaignStore } from 'temporal-polyai/campaigns';
import { startTestKit, type TestKit } from 'temporal-polyai/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { callByRules } from '../src/call-by-rules.js';
import { timeSkippingServer } from './server.js';

const ALWAYS = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const, from: '00:00', until: '24:00' };
const campaignId = 'renewals';

let folder: string;
let store: OpenCampaignStore;
let env: TestWorkflowEnvironment;
let kit: TestKit;
let polyAi: PolyAiClient;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'call-by-rules-'));
  store = openCampaignStore(`sqlite:${join(folder, 'outcomes.sqlite')}`);
  await store.create({ campaignId });
  await store.change({
    campaignId,
    changeId: 'start',
    change: {
      kind: 'start',
      rules: { windows: [ALWAYS], regional: { packaged: false }, closeMargin: 0 },
      limits: { callsPerSecond: 100 },
    },
  });
  env = await TestWorkflowEnvironment.createTimeSkipping(timeSkippingServer());
  kit = await startTestKit(env);
  polyAi = new PolyAiClient({ baseUrl: kit.simulator.url, token: kit.simulator.token });
  worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: 'rules',
    workflowsPath: fileURLToPath(new URL('../src/call-by-rules.ts', import.meta.url)),
    activities: createCampaignActivities({ polyAi, campaigns: store }),
    plugins: [kit.plugin],
  });
  running = worker.run();
});

afterAll(async () => {
  worker.shutdown();
  await running;
  await polyAi.close();
  await kit.close();
  await env.teardown();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Adds a contact and returns its ID. */
async function addContact(number: string, consent: string): Promise<string> {
  await store.addContacts(campaignId, [{ number, timeZones: ['America/New_York'], consent }]);
  for await (const contact of store.contacts(campaignId)) {
    if (contact.number === number) return contact.contactId;
  }
  throw new Error(`${number} was not added`);
}

async function call(workflowId: string, contactId: string): Promise<string> {
  const args: [{ campaignId: string; contactId: string }] = [{ campaignId, contactId }];
  return await env.client.workflow.execute(callByRules, { workflowId, taskQueue: 'rules', args });
}

test('a contact is dialled once, also when a second workflow asks for the same attempt', async () => {
  const contactId = await addContact('+12025550110', 'web form');

  expect(await call('first', contactId)).toBe('success');
  expect(await call('second', contactId)).toBe('success');

  expect(kit.simulator.ledger.map(({ toNumber }) => toNumber)).toEqual(['+12025550110']);
});

test('a contact without consent is not dialled, and the reason is returned', async () => {
  const contactId = await addContact('+12025550111', '');

  expect(await call('refused', contactId)).toBe('not-dialled: the contact is blocked: no consent');

  expect(kit.simulator.ledger.map(({ toNumber }) => toNumber)).not.toContain('+12025550111');
});
