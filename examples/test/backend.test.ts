import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { startTestKit, type TestKit } from 'temporal-polyai/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createBackend } from '../src/backend.js';
import { timeSkippingServer } from './server.js';

let env: TestWorkflowEnvironment;
let kit: TestKit;
let worker: Worker;
let running: Promise<void>;
let backend: Server;

beforeAll(async () => {
  env = await TestWorkflowEnvironment.createTimeSkipping(timeSkippingServer());
  kit = await startTestKit(env);
  worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: 'contacts',
    workflowsPath: fileURLToPath(new URL('../src/workflows.ts', import.meta.url)),
    plugins: [kit.plugin],
  });
  running = worker.run();
  backend = createBackend(env.client, { taskQueue: 'contacts' }).listen(0);
  await once(backend, 'listening');
});

afterAll(async () => {
  backend.close();
  worker.shutdown();
  await running;
  await kit.close();
  await env.teardown();
});

async function get(path: string): Promise<[status: number, body: unknown]> {
  const { port } = backend.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return [response.status, await response.json()];
}

test('the outcome of a call of ten minutes is answered, and to later requests too', async () => {
  kit.addCall('OUT-1', { callingMs: 600_000, outcome: 'failure', reason: 'no answer' });
  const outcome = { callSid: 'OUT-1', status: 'failure', reason: 'no answer' };

  expect(await get('/calls/OUT-1/outcome')).toEqual([200, outcome]);
  const polls = kit.polls('OUT-1').length;
  expect(await get('/calls/OUT-1/outcome')).toEqual([200, outcome]);
  expect(kit.polls('OUT-1')).toHaveLength(polls);
});

test('a call that PolyAI does not know is an error', async () => {
  expect(await get('/calls/OUT-2/outcome')).toEqual([502, { callSid: 'OUT-2', error: 'CallNotFound' }]);
});

test('any other path is not found', async () => {
  expect(await get('/calls/1/outcome')).toEqual([404, { error: 'no such path' }]);
});
