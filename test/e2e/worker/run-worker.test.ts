import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { choosePorts } from '../../../src/playground/ports.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { fetchRuns } from '../../support/replay.js';
import { WorkerProcess } from '../../support/worker-process.js';

const rig = useDevServerRig();

async function untilRequested(callSid: string, count: number): Promise<void> {
  const seen = () => rig().simulator.requestsFor(callSid).length;
  await eventually(`${count} requests`, () => (seen() >= count ? true : undefined));
}

test('SIGKILL of the worker in mid-poll and again in mid-sleep: the outcome still arrives, once', async () => {
  const callSid = 'OUT-killed';
  const hang = { kind: 'hang' } as const;
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity, faults: [hang] });
  const monitor = await rig().start({ callSid, polling: { interval: '2s', hold: 0 } });

  const killedInPoll = new WorkerProcess(rig().workerEnvironment());
  await untilRequested(callSid, 1);
  expect(await killedInPoll.end('SIGKILL')).toBeNull();

  const killedInSleep = new WorkerProcess(rig().workerEnvironment());
  await untilRequested(callSid, 2);
  await eventually('the sleep', async () => ((await monitor.progress()).phase === 'waiting' ? true : undefined));
  expect(await killedInSleep.end('SIGKILL')).toBeNull();

  rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
  const survivor = new WorkerProcess(rig().workerEnvironment());
  const result = await monitor.result();
  expect(result.status).toBe('success');
  expect(await survivor.end('SIGTERM')).toBe(0);

  const [run, ...others] = await fetchRuns(rig().client, monitor.workflowId);
  expect(others).toHaveLength(0);
  const completions = run?.events?.filter((event) => event.workflowExecutionCompletedEventAttributes);
  expect(completions).toHaveLength(1);
});

test('SIGTERM lets the request of a single poll end and leaves the call to the next worker', async () => {
  const callSid = 'OUT-deploy';
  rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: 3_000, faults: [{ kind: 'delay', ms: 1_500 }] });
  const monitor = await rig().start({ callSid, polling: { interval: '1s', hold: 0 } });

  const old = new WorkerProcess(rig().workerEnvironment());
  await untilRequested(callSid, 1);
  expect(await old.end('SIGTERM')).toBe(0);
  const next = new WorkerProcess(rig().workerEnvironment());
  const result = await monitor.result();
  expect(await next.end('SIGINT')).toBe(0);

  expect(result.status).toBe('success');
  expect(rig().simulator.requestsFor(callSid)[0]?.status).toBe(200);
});

test.each([
  ['no token', { POLYAI_AUTH_TOKEN: '' }, 2, /POLYAI_AUTH_TOKEN is not set/],
  ['two endpoints', { POLYAI_REGION: 'us-1' }, 2, /POLYAI_REGION and POLYAI_BASE_URL are both set/],
  ['an unknown profile', { TEMPORAL_PROFILE: 'nope' }, 2, /Temporal .*nope/],
  ['no bundle', { POLYAI_WORKFLOW_BUNDLE: '/nowhere' }, 2, /POLYAI_WORKFLOW_BUNDLE does not name a readable file/],
  [
    'a bundle that is none',
    { POLYAI_WORKFLOW_BUNDLE: import.meta.filename },
    1,
    /the worker cannot be created: .*Bundle/,
  ],
  [
    'no server',
    { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    1,
    /cannot reach Temporal at 127\.0\.0\.1:1: start one .*: nothing answers at 127\.0\.0\.1:1 \(ECONNREFUSED\)$/m,
  ],
  [
    'an unknown namespace',
    { TEMPORAL_NAMESPACE: 'nowhere' },
    1,
    /denies access to namespace "nowhere" .*: Namespace nowhere is not found/,
  ],
  ['a rejected token', { POLYAI_AUTH_TOKEN: 'wrong-token' }, 1, /rejects POLYAI_AUTH_TOKEN/],
])('the worker ends with a readable line for %s', async (_, change, exitCode, line) => {
  const worker = new WorkerProcess({ ...rig().workerEnvironment(), ...change });

  expect(await worker.exited()).toBe(exitCode);

  expect(worker.output).toMatch(line);
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
  const metrics = await eventually('metrics', async () => (await fetch(`http://${address}/metrics`)).text());
  expect(metrics).toMatch(/^temporal_/m);
  expect(await worker.end('SIGTERM')).toBe(0);
});

test('a configuration file that is no TOML is told without its content, together with every other problem', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-'));
  writeFileSync(join(folder, 'temporal.toml'), '[profile.default]\napi_key = "cloud-secret-123\n');

  const worker = new WorkerProcess({
    ...rig().workerEnvironment(),
    TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
    POLYAI_AUTH_TOKEN: '',
  });

  expect(await worker.exited()).toBe(2);
  expect(worker.output).toMatch(
    /POLYAI_AUTH_TOKEN is not set[\s\S]*Temporal \(TEMPORAL_\* or its configuration file\)/,
  );
  expect(worker.output).not.toContain('cloud-secret-123');
  rmSync(folder, { recursive: true });
});
