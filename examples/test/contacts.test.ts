import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { PolyAiClient } from 'temporal-polyai';
import { type CallScript, startTestKit, type TestKit } from 'temporal-polyai/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type ContactResult, createContactActivities } from '../src/activities.js';
import { reachContacts } from '../src/workflows.js';
import { timeSkippingServer } from './server.js';

const DAY_MS = 86_400_000;
const BUSY = { outcome: 'failure', reason: 'busy' } as const;

/** How the next calls to a number develop. */
const scripts = new Map<string, CallScript[]>();
const written: ContactResult[] = [];

let env: TestWorkflowEnvironment;
let kit: TestKit;
let polyAi: PolyAiClient;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  env = await TestWorkflowEnvironment.createTimeSkipping(timeSkippingServer());
  kit = await startTestKit(env, { scriptFor: (number) => scripts.get(number)?.shift() });
  polyAi = new PolyAiClient({ baseUrl: kit.simulator.url, token: kit.simulator.token });
  const contactBook = {
    phoneNumberOf: async (contactId: string) => {
      if (contactId === 'deleted') throw new Error('no such contact');
      return await Promise.resolve(numberOf(contactId));
    },
    write: (result: ContactResult) => Promise.resolve(void written.push(result)),
  };
  worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: 'contacts',
    workflowsPath: fileURLToPath(new URL('../src/workflows.ts', import.meta.url)),
    activities: createContactActivities(polyAi, contactBook),
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
});

function numberOf(contactId: string): string {
  return `+1415555${contactId.padStart(4, '0')}`;
}

async function reach(workflowId: string, contactIds: string[]): Promise<ContactResult[]> {
  return await env.client.workflow.execute(reachContacts, { workflowId, taskQueue: 'contacts', args: [contactIds] });
}

test('twenty contacts are reached at once', async () => {
  const contactIds = Array.from({ length: 20 }, (_, index) => String(index + 100));

  const results = await reach('twenty', contactIds);

  expect(results.map(({ status, calls }) => [status, calls])).toEqual(contactIds.map(() => ['success', 1]));
  expect(written.filter(({ status }) => status === 'success')).toHaveLength(20);
});

test('a contact that cannot be called leaves the others alone', async () => {
  const results = await reach('deleted', ['deleted', '7']);

  expect(results).toMatchObject([
    { contactId: 'deleted', callSid: '', status: 'unknown', calls: 3 },
    { contactId: '7', status: 'success', calls: 1 },
  ]);
});

test('a contact that is busy is called again the next day, and the day after', async () => {
  scripts.set(numberOf('1'), [BUSY, BUSY, {}]);
  const startedAt = await env.currentTimeMs();

  const [result] = await reach('busy', ['1']);

  expect(result).toMatchObject({ status: 'success', calls: 3 });
  expect(await env.currentTimeMs()).toBeGreaterThanOrEqual(startedAt + 2 * DAY_MS);
  const calls = written.filter(({ contactId }) => contactId === '1');
  expect(calls.map(({ status, reason }) => [status, reason])).toEqual([
    ['failure', 'busy'],
    ['failure', 'busy'],
    ['success', ''],
  ]);
});

test('an outage during the call delays the result', async () => {
  const fault = { kind: 'status', status: 503 } as const;
  scripts.set(numberOf('2'), [{ callingMs: 60_000, faultPeriods: [{ fromMs: 10_000, forMs: 300_000, fault }] }]);

  const [result] = await reach('outage', ['2']);

  expect(result).toMatchObject({ status: 'success', calls: 1 });
  const polls = kit.polls(result!.callSid);
  expect(polls.filter(({ status }) => status === 503).length).toBeLessThan(20);
});

test('a call whose status is lost is written as unknown, and the contact called again', async () => {
  const fault = { kind: 'status', status: 404 } as const;
  scripts.set(numberOf('3'), [{ callingMs: 60_000, faultPeriods: [{ fromMs: 10_000, fault }] }, {}]);

  const [result] = await reach('lost', ['3']);

  expect(result).toMatchObject({ status: 'success', calls: 2 });
  expect(written.find(({ contactId }) => contactId === '3')).toMatchObject({
    status: 'unknown',
    reason: 'CallStatusExpired',
  });
});
