import { expect, test } from 'vitest';

import { MONITOR_WORKFLOW_TYPE } from '../../../../src/contract/names.js';
import { CliProcess, runCli } from '../../../support/cli-process.js';
import { eventually, useDevServerRig } from '../../../support/dev-server-rig.js';

const CALLING = { statuses: [{ status: 'calling', forMs: Infinity }] };
const UNSAFE = /(?!\n)[\p{Cc}\p{Bidi_Control}]/u;

const rig = useDevServerRig();
const cli = (...args: string[]) => runCli(args, { env: rig().workerEnvironment() });

async function listed(callSid: string, ...args: string[]): Promise<Record<string, unknown> | undefined> {
  const { stdout } = await cli('monitors', 'list', '--json', ...args);
  const monitors = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return monitors.find((monitor) => monitor['callSid'] === callSid);
}

test('monitors are listed with the status of their calls and the last error, when no worker runs', async () => {
  const [good, bad] = ['OUT-listed-good', 'OUT-listed-bad'];
  rig().simulator.addCall(good, CALLING);
  rig().simulator.addCall(bad, { ...CALLING, faults: [{ kind: 'status', status: 503, times: 1_000 }] });
  const worker = new CliProcess(['worker'], { env: rig().workerEnvironment() });
  await rig().start({ callSid: good, polling: { interval: '1s', hold: '2s' } });
  await rig().start({ callSid: bad, polling: { interval: '1s', hold: 0 } });
  await eventually('the status', async () => ((await listed(good))?.['status'] === 'calling' ? true : undefined));
  await eventually('the error', async () => (await listed(bad))?.['lastError']);
  expect(await worker.end('SIGTERM')).toBe(0);

  expect(await listed(good)).toMatchObject({
    workflowId: `outbound-call-${good}`,
    state: 'running',
    status: 'calling',
  });
  expect(await listed(bad)).toMatchObject({ state: 'running', lastError: { type: 'PolyAiUnavailable' } });
  const { code, stdout, stderr } = await cli('monitors', 'list');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')[0]).toMatch(/^CALL +STATUS +AGE +ALARM +LAST ERROR$/);
  expect(stdout).toMatch(/^OUT-listed-good +calling +\d+ m?s/m);
  expect(stdout).toMatch(/^OUT-listed-bad +not observed .*PolyAiUnavailable: /m);
  expect((await cli('monitors', 'list', '--limit', '1')).stderr).toBe('these are the latest 1; --limit 0 lists all\n');
  for (const callSid of [good, bad]) await rig().client.workflow.getHandle(`outbound-call-${callSid}`).terminate();
  await eventually('the end', async () => ((await listed(good)) ? undefined : true));
  expect(await listed(good, '--all')).toMatchObject({ state: 'terminated' });
});

test('without the search attribute, --alarm says how to register it', async () => {
  const { code, stderr } = await cli('monitors', 'list', '--alarm');
  expect(code).toBe(1);
  expect(stderr).toContain('temporal operator search-attribute create --name PolyAiAlarm --type Keyword');
});

test('what another program wrote into a monitor reaches no terminal', async () => {
  const evil = '\u001b]0;title\u0007\u009b31mred\u202e';
  const callSid = 'OUT-evil';
  const handle = await rig().client.workflow.start(MONITOR_WORKFLOW_TYPE, {
    workflowId: `outbound-call-${callSid}`,
    taskQueue: 'nobody-polls',
    args: [{ callSid }],
    memo: { callStatus: evil, callReason: evil },
  });
  await eventually('the list', () => listed(callSid));
  for (const args of [
    ['monitors', 'list'],
    ['status', callSid],
  ]) {
    for (const json of [[], ['--json']]) {
      const { stdout, stderr } = await cli(...args, ...json);
      expect(stdout).toContain('red');
      expect(stdout + stderr).not.toMatch(UNSAFE);
    }
  }
  const env = { ...rig().workerEnvironment(), POLYAI_TASK_QUEUE: evil };
  for (const command of ['health', 'doctor']) {
    const { stdout, stderr } = await runCli([command], { env });
    expect(stdout + stderr).toContain('red');
    expect(stdout + stderr).not.toMatch(UNSAFE);
  }
  await handle.terminate();
});

test('a nudge makes the monitor poll, and a cancellation ends it', async () => {
  const callSid = 'OUT-requests';
  rig().simulator.addCall(callSid, CALLING);
  await rig().whileWorking(async () => {
    const monitor = await rig().start({ callSid, polling: { interval: '5m', hold: 0 } });
    const requests = (): number => rig().simulator.requestsFor(callSid).length;
    await eventually('the first poll', async () => ((await monitor.progress()).phase === 'waiting' ? true : undefined));
    expect(await cli('nudge', callSid)).toMatchObject({ code: 0, stdout: expect.stringContaining('nudged') as string });
    await eventually('the second poll', () => (requests() === 2 ? true : undefined));
    const cancelled = await cli('cancel', callSid, '--json');
    expect(cancelled.json).toEqual({ callSid, workflowId: monitor.workflowId, requested: 'cancel' });
    await expect(monitor.result()).rejects.toThrow();
  });
  for (const command of ['nudge', 'cancel']) {
    const { code, stderr } = await cli(command, callSid);
    expect(code).toBe(1);
    expect(stderr).toContain(`no monitor of ${callSid} runs; to see how it ended: temporal-polyai status ${callSid}`);
    expect((await cli(command, 'OUT-never')).stderr).toContain('no monitor of OUT-never runs');
  }
});
