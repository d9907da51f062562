import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { getMonitor, startMonitor } from '../../../../src/client.js';
import { monitorWorkflowId } from '../../../../src/index.js';
import type { CallScript } from '../../../../src/simulator.js';
import { callCli } from '../../../support/call-cli.js';
import { CliProcess, runCli, startCli } from '../../../support/cli-process.js';
import { useDevServerRig } from '../../../support/dev-server-rig.js';

const SHORT = { queuedMs: 300, callingMs: 300 };
/** Until the test changes it, so that a slow machine misses nothing. */
const QUEUED = { statuses: [{ status: 'queued', forMs: Infinity }] };
const CALLING = { statuses: [{ status: 'calling', forMs: Infinity }] };
const SUCCESS = { statuses: [{ status: 'success' }] };

const rig = useDevServerRig();
let worker: CliProcess;

beforeAll(async () => {
  worker = new CliProcess(['worker'], { env: rig().workerEnvironment() });
  await worker.prints('RUNNING');
});

afterAll(async () => {
  expect(await worker.end('SIGTERM')).toBe(0);
});

function beginCall(callSid: string, script: CallScript): string {
  rig().simulator.addCall(callSid, script);
  rig().remember(monitorWorkflowId(callSid));
  return callSid;
}

function monitorArgs(callSid: string, ...more: string[]): string[] {
  return ['monitor', callSid, '--interval', '250ms', ...more];
}

const cli = (...args: string[]) => callCli(args, { env: rig().workerEnvironment() });
const run = (...args: string[]) => runCli(args, { env: rig().workerEnvironment() });
const start = (...args: string[]) => startCli(args, { env: rig().workerEnvironment() });

describe('temporal-polyai monitor', () => {
  it('prints each change and the result of a call that ended in success, and exits with 0', async () => {
    const callSid = beginCall('OUT-success', QUEUED);
    const monitoring = start(...monitorArgs(callSid));
    await monitoring.prints('OUT-success: queued');
    rig().simulator.addCall(callSid, CALLING);
    await monitoring.prints('OUT-success: calling');
    rig().simulator.addCall(callSid, SUCCESS);
    expect(await monitoring.exited()).toBe(0);
    const { stdout, stderr } = monitoring;
    expect(stdout).toMatch(/^OUT-success: success\n {2}finished .* after \d+ polls\n {2}timeline .* queued\n/);
    const lines = stderr.trim().split('\n');
    expect(lines).toEqual(expect.arrayContaining(['OUT-success: queued', 'OUT-success: calling']));
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('prints the result of a call that ended in failure as one JSON object and exits with 3', async () => {
    const callSid = beginCall('OUT-failure', { ...SHORT, outcome: 'failure', reason: 'the line was busy' });
    const ended = await cli(...monitorArgs(callSid, '--json'));
    expect(ended.code).toBe(3);
    expect(ended.stdout.trim().split('\n')).toHaveLength(1);
    expect(ended.json).toMatchObject({ callSid, status: 'failure', reason: 'the line was busy' });
  });

  it('prints a failure of the monitor as one JSON object and exits with 4', async () => {
    rig().remember(monitorWorkflowId('OUT-unknown'));
    const ended = await cli(...monitorArgs('OUT-unknown', '--json'));
    expect(ended.code).toBe(4);
    expect(ended.json).toEqual({
      callSid: 'OUT-unknown',
      error: { type: 'CallNotFound', message: expect.stringContaining('404') as string },
    });
  });

  it('prints the failure type CancelledFailure for a cancelled monitor', async () => {
    const callSid = beginCall('OUT-cancelled', { queuedMs: 60_000 });
    const monitor = await rig().start({ callSid });
    const attached = start(...monitorArgs(callSid, '--json'));
    await attached.prints(`${callSid}: queued`);
    await monitor.cancel();
    expect(await attached.exited()).toBe(4);
    expect(attached.json).toMatchObject({ callSid, error: { type: 'CancelledFailure' } });
  });

  it('attaches to a running monitor, also several times', async () => {
    const callSid = beginCall('OUT-attach', QUEUED);
    await rig().start({ callSid, polling: { interval: '250ms' } });
    const attached = [1, 2].map(() => start(...monitorArgs(callSid, '--json')));
    await Promise.all(attached.map((monitoring) => monitoring.prints(`${callSid}: queued`)));
    rig().simulator.addCall(callSid, SUCCESS);
    expect(await Promise.all(attached.map((monitoring) => monitoring.exited()))).toEqual([0, 0]);
    expect(attached[0]?.json).toMatchObject({ callSid, status: 'success' });
    expect(attached[0]?.json).toEqual(attached[1]?.json);
  });

  it('shows the attempt and the last failure of a poll that is being retried', async () => {
    const callSid = beginCall('OUT-retried', { ...SHORT, faults: [{ kind: 'status', status: 503, times: 3 }] });
    const { code, stderr } = await cli(...monitorArgs(callSid));
    expect(code).toBe(0);
    expect(stderr).toMatch(/OUT-retried: not observed yet; attempt [234] after PolyAiUnavailable: .*503/);
  });

  it('leaves the monitor running on Ctrl-C, prints how to attach again, and exits with 130', async () => {
    const callSid = beginCall('OUT-left', QUEUED);
    const left = start(...monitorArgs(callSid));
    await left.prints(`${callSid}: queued`);
    expect(await left.end('SIGINT')).toBe(130);
    expect(left.stderr).toContain('goes on; to attach again: temporal-polyai monitor OUT-left');
    expect(left.stdout).toBe('');
    expect((await getMonitor(rig().client, callSid).describe()).state).toBe('RUNNING');
    rig().simulator.addCall(callSid, SUCCESS);
    expect((await cli('monitor', callSid, '--json')).json).toMatchObject({ status: 'success' });
  });

  it('follows a monitor without a worker, and says that none is polling', async () => {
    const callSid = beginCall('OUT-no-worker', SHORT);
    const following = start(...monitorArgs(callSid, '--task-queue', 'nobody'));
    await following.prints('OUT-no-worker: not observed yet; no worker is polling task queue "nobody"');
    expect(await following.end('SIGINT')).toBe(130);
    expect((await getMonitor(rig().client, callSid).describe()).state).toBe('RUNNING');
  });

  it('rejects what cannot be a call SID with exit code 2, before any request', async () => {
    const { code, stderr } = await callCli(['monitor', 'CALL-1'], { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    expect(code).toBe(2);
    expect(stderr).toContain('starts with "OUT-"');
  });
});

describe('temporal-polyai status', () => {
  it('shows a running monitor, without a worker, and exits with 0', async () => {
    const callSid = beginCall('OUT-status', SHORT);
    await startMonitor(rig().client, { callSid }, { taskQueue: 'nobody' });
    const [text, json] = await Promise.all([run('status', callSid), cli('status', callSid, '--json')]);
    expect([text.code, json.code]).toEqual([0, 0]);
    expect(text.stdout).toContain('OUT-status: not observed yet');
    expect(json.json).toMatchObject({ callSid, workflowId: 'outbound-call-OUT-status', state: 'running' });
  });

  it('shows how a monitor ended, with the exit codes of "monitor"', async () => {
    const callSids = [
      beginCall('OUT-was-success', SHORT),
      beginCall('OUT-was-failure', { ...SHORT, outcome: 'failure', reason: 'no answer' }),
      'OUT-was-unknown',
    ];
    const monitors = await Promise.all(
      callSids.map((callSid) => rig().start({ callSid, polling: { interval: '250ms' } })),
    );
    await Promise.allSettled(monitors.map((monitor) => monitor.result()));
    const ended = await Promise.all(callSids.map((callSid) => cli('status', callSid, '--json')));
    expect(ended.map(({ code }) => code)).toEqual([0, 3, 4]);
    expect(ended.map(({ json }) => json)).toMatchObject([
      { state: 'completed', status: 'success', result: { status: 'success' } },
      { state: 'completed', status: 'failure', reason: 'no answer' },
      { state: 'failed', error: { type: 'CallNotFound' } },
    ]);
  });

  it('starts nothing for a call that has no monitor, and exits with 1', async () => {
    const { code, stderr } = await cli('status', 'OUT-nobody');
    expect(code).toBe(1);
    expect(stderr).toBe(
      'temporal-polyai: Temporal has no monitor of OUT-nobody; start one with: temporal-polyai monitor OUT-nobody\n',
    );
  });
});

describe('temporal-polyai health', () => {
  it('exits with 0 when a worker polls the task queue, on this host too', async () => {
    const [anywhere, here] = await Promise.all([run('health'), cli('health', '--this-host')]);
    expect([anywhere.code, here.code]).toEqual([0, 0]);
  });

  it('exits with 1 and a message when no worker polls the task queue', async () => {
    const { code, stderr } = await cli('health', '--task-queue', 'idle');
    expect(code).toBe(1);
    expect(stderr).toContain(`no worker polls task queue "idle" of namespace "${rig().server.namespace}"`);
  });
});
