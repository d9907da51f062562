import { expect, test } from 'vitest';

import { runDoctor } from '../../../../src/cli/doctor/run.js';
import { startMonitor } from '../../../../src/client.js';
import { MONITOR_WORKFLOW_TYPE } from '../../../../src/contract/names.js';
import { callCli, callCommand } from '../../../support/call-cli.js';
import { runCli } from '../../../support/cli-process.js';
import { eventually, useDevServerRig } from '../../../support/dev-server-rig.js';

const CALLING = { statuses: [{ status: 'calling', forMs: Infinity }] };
const UNSAFE = /(?!\n)[\p{Cc}\p{Bidi_Control}]/u;

const rig = useDevServerRig();
const cli = (...args: string[]) => callCli(args, { env: rig().workerEnvironment() });
const run = (...args: string[]) => runCli(args, { env: rig().workerEnvironment() });

/** The monitors that are listed, by call SID. */
async function listed(...args: string[]): Promise<Partial<Record<string, Record<string, unknown>>>> {
  const { stdout } = await cli('monitors', 'list', '--json', ...args);
  const monitors = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return Object.fromEntries(monitors.map((monitor) => [monitor['callSid'] as string, monitor]));
}

/** Waits until the server's list of running workflows, which lags behind, has so many of these calls. */
async function untilRunning(callSids: readonly string[], count: number): Promise<void> {
  const query = `ExecutionStatus = "Running" AND WorkflowId IN (${callSids.map((sid) => `"outbound-call-${sid}"`).join(', ')})`;
  await eventually('the list of workflows', async () => {
    return (await rig().client.workflow.count(query)).count === count || undefined;
  });
}

test('monitors are listed with the status of their calls and the last error, when no worker runs', async () => {
  const [good, bad] = ['OUT-listed-good', 'OUT-listed-bad'];
  rig().simulator.addCall(good, CALLING);
  rig().simulator.addCall(bad, { ...CALLING, faults: [{ kind: 'status', status: 503, times: 1_000 }] });
  const calling = await rig().start({ callSid: good, polling: { interval: '1s', hold: '2s' } });
  const failing = await rig().start({ callSid: bad, polling: { interval: '1s', hold: 0 } });
  await rig().whileWorking(async () => {
    await eventually('the status', async () => (await calling.describe()).callStatus === 'calling' || undefined);
    await eventually('the error', async () => (await failing.describe()).pendingPoll?.lastFailure);
  });
  await untilRunning([good, bad], 2);

  expect(await listed()).toMatchObject({
    [good]: { workflowId: `outbound-call-${good}`, state: 'running', status: 'calling' },
    [bad]: { state: 'running', lastError: { type: 'PolyAiUnavailable' } },
  });
  const { code, stdout, stderr } = await run('monitors', 'list');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')[0]).toMatch(/^CALL +STATUS +AGE +ALARM +LAST ERROR$/);
  expect(stdout).toMatch(/^OUT-listed-good +calling +\d+ m?s/m);
  expect(stdout).toMatch(/^OUT-listed-bad +not observed .*PolyAiUnavailable: /m);
  expect((await cli('monitors', 'list', '--limit', '1')).stderr).toBe('these are the latest 1; --limit 0 lists all\n');
  for (const callSid of [good, bad]) await rig().client.workflow.getHandle(`outbound-call-${callSid}`).terminate();
  await untilRunning([good, bad], 0);
  expect(await listed()).not.toHaveProperty(good);
  expect(await listed('--all')).toMatchObject({ [good]: { state: 'terminated' } });
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
  await untilRunning([callSid], 1);
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
  const health = await callCli(['health'], { env });
  const doctor = await callCommand(() => runDoctor({ taskQueue: undefined, json: false }), { env });
  for (const { stdout, stderr } of [health, doctor]) {
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
    expect(await run('nudge', callSid)).toMatchObject({ code: 0, stdout: expect.stringContaining('nudged') as string });
    await eventually('the second poll', () => (requests() === 2 ? true : undefined));
    const cancelled = await run('cancel', callSid, '--json');
    expect(cancelled.json).toEqual({ callSid, workflowId: monitor.workflowId, requested: 'cancel' });
    await expect(monitor.result()).rejects.toThrow();
  });
  for (const command of ['nudge', 'cancel']) {
    const { code, stderr } = await cli(command, callSid);
    expect(code).toBe(1);
    expect(stderr).toContain(`no monitor of ${callSid} runs; to see how it ended: temporal-polyai status ${callSid}`);
  }
  expect((await cli('nudge', 'OUT-never')).stderr).toContain('no monitor of OUT-never runs');
});

test('--task-queue lists the monitors of one task queue only', async () => {
  const [ours, theirs] = ['OUT-queue-ours', 'OUT-queue-theirs'];
  const monitors = [
    await startMonitor(rig().client, { callSid: ours }, { taskQueue: 'ours' }),
    await startMonitor(rig().client, { callSid: theirs }, { taskQueue: "their's" }),
  ];
  await untilRunning([ours, theirs], 2);

  expect(Object.keys(await listed('--task-queue', 'ours'))).toEqual([ours]);
  expect(Object.keys(await listed('--task-queue', "their's"))).toEqual([theirs]);
  expect(await listed('--task-queue', 'nobody')).toEqual({});
  for (const { workflowId } of monitors) await rig().client.workflow.getHandle(workflowId).terminate();
});
