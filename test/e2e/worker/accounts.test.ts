import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';

import { type MonitorHandle, startMonitor } from '../../../src/client.js';
import { type MonitorOutboundCallInput, PolyAiClient } from '../../../src/index.js';
import { type Simulator, startSimulator } from '../../../src/simulator.js';
import { createWorker, type CreateWorkerOptions } from '../../../src/worker/create-worker.js';
import { callWorker } from '../../support/call-cli.js';
import { FOR_EVER, LiveCalls } from '../../support/credentials-rig.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { failureOf } from '../../support/failure-of.js';
import { WorkerProcess } from '../../support/worker-process.js';

const rig = useDevServerRig({ searchAttributes: false });

let acme: Simulator;
let beta: Simulator;
let folder: string;

beforeAll(async () => {
  acme = await startSimulator({ token: 'acme-secret' });
  beta = await startSimulator({ token: 'beta-secret' });
  folder = mkdtempSync(join(tmpdir(), 'accounts-'));
  writeFileSync(join(folder, 'acme'), 'acme-secret\n');
  const accounts = {
    acme: { baseUrl: acme.url, tokenFile: 'acme' },
    beta: { baseUrl: beta.url, tokenEnv: 'BETA_TOKEN' },
  };
  writeFileSync(join(folder, 'accounts.json'), JSON.stringify(accounts));
});
afterAll(async () => {
  await Promise.all([acme.close(), beta.close()]);
  rmSync(folder, { recursive: true });
});

type Change = Readonly<Record<string, string | undefined>>;

/** A worker of both named accounts and of a default one. */
function startWorker(taskQueue: string, change: Change = {}): WorkerProcess {
  return new WorkerProcess({
    ...rig().workerEnvironment(),
    POLYAI_ACCOUNTS_FILE: join(folder, 'accounts.json'),
    BETA_TOKEN: 'beta-secret',
    POLYAI_TASK_QUEUE: taskQueue,
    ...change,
  });
}

async function start(input: MonitorOutboundCallInput, taskQueue: string): Promise<MonitorHandle> {
  const handle = await startMonitor(rig().client, input, { taskQueue });
  rig().remember(handle.workflowId);
  return handle;
}

function callsAskedOf({ requests }: Simulator, prefix: string): Set<string | undefined> {
  const callSids = requests.map(({ callSid }) => callSid).filter((callSid) => callSid?.startsWith(prefix));
  return new Set(callSids.map((callSid) => callSid?.split('-')[2]));
}

test('one worker serves three accounts, and the refusal of one holds its calls alone', async () => {
  const taskQueue = 'three';
  const worker = startWorker(taskQueue);
  const ofDefault = new LiveCalls(rig(), { simulator: rig().simulator, taskQueue, name: 'three-default', count: 3 });
  const ofAcme = new LiveCalls(rig(), { simulator: acme, taskQueue, name: 'three-acme', count: 10, account: 'acme' });
  const ofBeta = new LiveCalls(rig(), { simulator: beta, taskQueue, name: 'three-beta', count: 3, account: 'beta' });
  await Promise.all([ofDefault, ofAcme, ofBeta].map((calls) => calls.start()));

  acme.setToken('new-acme-secret');
  await eventually('acme’s calls to be held', async () => {
    return (await ofAcme.phases()).every((phase) => phase === 'credential-hold') || undefined;
  });
  await pause(5_000);
  expect(new Set([...(await ofDefault.phases()), ...(await ofBeta.phases())])).toEqual(new Set(['holding']));
  expect(/rejects the token.*[\s\S]*?account: '(\w+)'/.exec(worker.output)?.[1]).toBe('acme');
  const others = [...(await ofDefault.end()), ...(await ofBeta.end())];

  writeFileSync(join(folder, 'acme'), 'new-acme-secret\n');
  const results = [...others, ...(await ofAcme.end())];
  expect(results).toHaveLength(16);
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['success']));
  expect([rig().simulator, acme, beta].map((simulator) => [...callsAskedOf(simulator, 'OUT-three')])).toEqual([
    ['default'],
    ['acme'],
    ['beta'],
  ]);
  expect(worker.output).not.toContain('-secret');
  expect(await worker.end('SIGTERM')).toBe(0);
}, 120_000);

test('an account that the worker does not know ends a new monitor at once, and says which there are', async () => {
  const failure = await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid: 'OUT-unknown-account', account: 'gamma' });
    return await failureOf(monitor.result());
  });
  expect(failure.type).toBe('InvalidInput');
  expect(failure.message).toBe('account "gamma" is not known to this worker. It serves the default account.');
});

test('a live call outlives a worker that does not know its account, until there is one that does', async () => {
  const callSid = 'OUT-moved-account';
  acme.addCall(callSid, FOR_EVER);
  const monitor = await start({ callSid, account: 'acme' }, 'moved');
  await whileServing({ accounts: { acme: clientOf(acme) } }, async () => {
    await eventually('two polls', () => acme.requestsFor(callSid).length >= 2 || undefined);
  });

  await whileServing({ polyAi: clientOf(rig().simulator) }, async () => {
    await eventually('an attempt to fail', async () => {
      return ((await monitor.describe()).pendingPoll?.attempt ?? 1) >= 2 || undefined;
    });
  });
  expect(rig().simulator.requestsFor(callSid)).toHaveLength(0);

  acme.addCall(callSid, { statuses: [{ status: 'success' }] });
  const result = await whileServing({ polyAi: clientOf(rig().simulator), accounts: { acme: clientOf(acme) } }, () =>
    monitor.result(),
  );
  expect(result).toMatchObject({ status: 'success', timeline: [{ status: 'calling' }, {}] });
});

/** Runs a worker of these accounts in this process until `work` is done. */
async function whileServing<T>(
  accounts: Pick<CreateWorkerOptions, 'polyAi' | 'accounts'>,
  work: () => Promise<T>,
): Promise<T> {
  const worker = await createWorker({
    ...accounts,
    connection: rig().nativeConnection,
    namespace: rig().server.namespace,
    taskQueue: 'moved',
    workflowBundlePath: inject('workflowBundlePath'),
  });
  return await rig().runUntil(worker, work);
}

function clientOf({ url, token }: Simulator): PolyAiClient {
  const polyAi = new PolyAiClient({ baseUrl: url, token });
  onTestFinished(() => polyAi.close());
  return polyAi;
}

test('the worker does not start when every token is refused, and names each account', async () => {
  writeFileSync(join(folder, 'refused'), 'wrong-secret\n');
  const accounts = {
    acme: { baseUrl: acme.url, tokenFile: 'refused' },
    beta: { baseUrl: beta.url, tokenEnv: 'BETA_TOKEN' },
  };
  writeFileSync(join(folder, 'refused.json'), JSON.stringify(accounts));
  const { code, stderr } = await callWorker({
    ...rig().workerEnvironment(),
    POLYAI_ACCOUNTS_FILE: join(folder, 'refused.json'),
    BETA_TOKEN: 'wrong-secret',
    POLYAI_AUTH_TOKEN: 'wrong-secret',
  });
  expect(code).toBe(1);
  expect(stderr).toContain('rejects POLYAI_AUTH_TOKEN');
  expect(stderr).toContain(`PolyAI at ${acme.url} rejects the token of account "acme" (its token file)`);
  expect(stderr).toContain(`PolyAI at ${beta.url} rejects the token of account "beta" (the variable BETA_TOKEN)`);
  expect(stderr).not.toMatch(/-secret|\n\s+at /);
});

test('a refused token of one account does not keep the worker from serving the others', async () => {
  writeFileSync(join(folder, 'one-refused.json'), JSON.stringify({ acme: { baseUrl: acme.url, tokenEnv: 'ACME' } }));
  const worker = startWorker('one-refused', {
    POLYAI_ACCOUNTS_FILE: join(folder, 'one-refused.json'),
    ACME: 'wrong-secret',
  });
  await eventually('the worker', () => (worker.output.includes('RUNNING') ? true : undefined));
  expect(worker.output).toContain('an account cannot be served');
  expect(worker.output).not.toContain('wrong-secret');
  expect(await worker.end('SIGTERM')).toBe(0);
});
