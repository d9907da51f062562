import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { choosePorts } from '../../../src/playground/ports.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { fetchRuns } from '../../support/replay.js';
import { WorkerProcess } from '../../support/worker-process.js';

const rig = useDevServerRig();

/** As in production, with a thread for the workflows. */
const environment = () => ({ ...rig().workerEnvironment(), TEMPORAL_DEBUG: undefined });

test('SIGKILL of the worker in mid-poll and again in mid-sleep: the outcome still arrives, once', async () => {
  const callSid = 'OUT-killed';
  const hang = { kind: 'hang' } as const;
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity, faults: [hang] });
  const monitor = await rig().start({ callSid, polling: { interval: '2s', hold: 0 } });

  const killedInPoll = new WorkerProcess(environment());
  await rig().untilRequested(callSid, 1);
  expect(await killedInPoll.end('SIGKILL')).toBeNull();

  const killedInSleep = new WorkerProcess(environment());
  await rig().untilRequested(callSid, 2);
  await eventually('the sleep', async () => ((await monitor.progress()).phase === 'waiting' ? true : undefined));
  expect(await killedInSleep.end('SIGKILL')).toBeNull();

  rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
  const result = await rig().whileWorking(() => monitor.result());
  expect(result.status).toBe('success');

  const [run, ...others] = await fetchRuns(rig().client, monitor.workflowId);
  expect(others).toHaveLength(0);
  const completions = run?.events?.filter((event) => event.workflowExecutionCompletedEventAttributes);
  expect(completions).toHaveLength(1);
});

test('SIGTERM lets the request of a single poll end and leaves the call to the next worker', async () => {
  const callSid = 'OUT-deploy';
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: 3_000, faults: [{ kind: 'delay', ms: 1_500 }] });
  const monitor = await rig().start({ callSid, polling: { interval: '1s', hold: 0 } });

  const old = new WorkerProcess(environment());
  await rig().untilRequested(callSid, 1);
  expect(await old.end('SIGTERM')).toBe(0);
  const next = new WorkerProcess(environment());
  const result = await monitor.result();
  expect(await next.end('SIGINT')).toBe(0);

  expect(result.status).toBe('success');
  expect(rig().simulator.requestsFor(callSid)[0]?.status).toBe(200);
});

test('the worker process ends with a readable line, such as for a rejected token', async () => {
  const worker = new WorkerProcess({ ...rig().workerEnvironment(), POLYAI_AUTH_TOKEN: 'wrong-token' });

  expect(await worker.exited()).toBe(1);

  expect(worker.output).toMatch(/rejects POLYAI_AUTH_TOKEN/);
  expect(worker.output).not.toMatch(/\n\s+at /);
  expect(worker.output).not.toContain('wrong-token');
});

test('logs are JSON, and metrics are served for Prometheus, where the environment says so', async () => {
  const [port] = await choosePorts('127.0.0.1', [undefined]);
  const address = `127.0.0.1:${port}`;
  const worker = new WorkerProcess({
    ...rig().workerEnvironment(),
    POLYAI_LOG_FORMAT: 'json',
    POLYAI_METRICS_ADDRESS: address,
  });
  const running = () => worker.output.split('\n').find((line) => line.includes('"state":"RUNNING"'));
  const line = await eventually('the worker', running);

  expect(JSON.parse(line)).toMatchObject({ level: 'INFO', message: 'Worker state changed' });
  await eventually('metrics of the SDK', async () => {
    const metrics = await (await fetch(`http://${address}/metrics`)).text();
    return /^temporal_/m.test(metrics) || undefined;
  });
  expect(await worker.end('SIGTERM')).toBe(0);
});

test('the worker ends with a line for each problem of its configuration, and repeats no content of a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-'));
  writeFileSync(join(folder, 'temporal.toml'), '[profile.default]\napi_key = "cloud-secret-123\n');
  writeFileSync(join(folder, 'accounts.json'), JSON.stringify({ acme: { region: 'mars', token: 'wrong-secret' } }));

  const worker = new WorkerProcess({
    ...rig().workerEnvironment(),
    TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
    POLYAI_AUTH_TOKEN: '',
    POLYAI_REGION: 'us-1',
    POLYAI_WORKFLOW_BUNDLE: '/nowhere',
    POLYAI_ACCOUNTS_FILE: join(folder, 'accounts.json'),
  });

  expect(await worker.exited()).toBe(2);
  for (const problem of [
    /POLYAI_AUTH_TOKEN is not set/,
    /POLYAI_REGION and POLYAI_BASE_URL are both set/,
    /POLYAI_WORKFLOW_BUNDLE does not name a readable file/,
    /Temporal \(TEMPORAL_\* or its configuration file\)/,
    /POLYAI_ACCOUNTS_FILE, acme\.region: must be one of us-1, uk-1, euw-1/,
    /POLYAI_ACCOUNTS_FILE, acme\.token: must not be in this file/,
  ]) {
    expect(worker.output).toMatch(problem);
  }
  expect(worker.output).not.toMatch(/\n\s+at /);
  expect(worker.output).not.toMatch(/cloud-secret-123|wrong-secret/);
  rmSync(folder, { recursive: true });
});
