import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';

import { checkMonitorsAtRisk } from '../../../../src/cli/doctor/monitors-at-risk.js';
import { checkTemporal } from '../../../../src/cli/doctor/temporal-connection.js';
import { checkSearchAttribute, readSearchAttributes } from '../../../../src/cli/doctor/search-attributes.js';
import { checkNamespace, checkPoller, type TemporalAccess } from '../../../../src/cli/doctor/temporal.js';
import { startMonitor } from '../../../../src/client.js';
import { DEFAULT_TASK_QUEUE } from '../../../../src/index.js';
import { eventually, useDevServerRig } from '../../../support/dev-server-rig.js';

const MINUTE = 60_000;
const KEYWORD = 2;
const INT = 3;
const FOR_EVER = { statuses: [{ status: 'calling', forMs: Infinity }] };

const rig = useDevServerRig({ searchAttributes: false });
let access: TemporalAccess;

beforeAll(async () => {
  const { address, namespace } = rig().server;
  const reached = await checkTemporal({ address, namespace, connectionOptions: { address } });
  expect(reached.finding).toMatchObject({ state: 'ok', found: expect.stringMatching(/server \d+\.\d+/) as string });
  access = reached.access!;
  return () => access.connection.close();
});

/** Sets the clock of this process; the server's stays as it is. */
function shiftClock(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  onTestFinished(() => void vi.useRealTimers());
}

describe('a namespace', () => {
  it('with a retention of hours is a warning unless there is an outcome store', async () => {
    await access.client.workflowService.registerNamespace({
      namespace: 'forgetful',
      workflowExecutionRetentionPeriod: msToTs('2h'),
    });
    const forgetful = { ...access, namespace: 'forgetful' };
    const finding = await checkNamespace(forgetful, false);
    expect(finding).toMatchObject({ state: 'warning', found: expect.stringContaining('for 2 h') as string });
    expect(finding.remedy).toContain('--retention 72h --namespace forgetful');
    expect(finding.remedy).toContain('POLYAI_OUTCOMES_URL');
    expect(await checkNamespace(forgetful, true)).toMatchObject({ state: 'ok' });
    expect(await checkNamespace(access, false)).toMatchObject({ state: 'ok' });
  });
});

describe('a search attribute', () => {
  const register = (name: string, type: number) =>
    access.connection.operatorService.addSearchAttributes({
      namespace: access.namespace,
      searchAttributes: { [name]: type as never },
    });
  const judge = async (name: string) => checkSearchAttribute(name, await readSearchAttributes(access), access);

  it('that is missing is a warning with the command that creates it', async () => {
    const { state, remedy } = await judge('NotThere');
    expect(state).toBe('warning');
    expect(remedy).toContain('temporal operator search-attribute create --name NotThere --type Keyword');
  });

  it('of another type is a warning with the commands that replace it', async () => {
    await register('OfWrongType', INT);
    const finding = await eventually('the attribute', async () => {
      const { found, ...rest } = await judge('OfWrongType');
      return found.startsWith('not registered') ? undefined : { found, ...rest };
    });
    expect(finding.state).toBe('warning');
    expect(finding.found).toContain('not with type Keyword');
    expect(finding.remedy).toMatch(/search-attribute remove --name OfWrongType .*&& .* create --name OfWrongType/);
  });

  it('that is registered as a Keyword is ok', async () => {
    await register('OfRightType', KEYWORD);
    const finding = await eventually('the attribute', async () => {
      const { state } = await judge('OfRightType');
      return state === 'ok' ? state : undefined;
    });
    expect(finding).toBe('ok');
  });
});

describe('monitors at risk', () => {
  const lookAt = (nowMs: number, by = access) =>
    checkMonitorsAtRisk(by, { taskQueue: DEFAULT_TASK_QUEUE, nowMs, stopAtMs: performance.now() + 10_000 });
  /** A client without the key of the workers' payload codec. */
  const withoutKey = (): TemporalAccess => {
    const { connection, namespace } = access;
    const decode = () => Promise.reject(new Error('no key'));
    const payloadCodecs = [{ encode: (payloads: Payload[]) => Promise.resolve(payloads), decode }];
    return { ...access, client: new Client({ connection, namespace, dataConverter: { payloadCodecs } }) };
  };
  const HALF_AN_HOUR = 30 * MINUTE;

  it('are those whose last observation, by report or result, is half an hour old, and they are named', async () => {
    for (const callSid of ['OUT-polled', 'OUT-held']) rig().simulator.addCall(callSid, FOR_EVER);
    await rig().whileWorking(async () => {
      const polled = await rig().start({ callSid: 'OUT-polled', polling: { interval: '1s', hold: 0 } });
      const held = await rig().start({ callSid: 'OUT-held', polling: { interval: '1s', hold: '10m' } });
      const beganAtMs = Date.now();
      const report = await eventually('a report', async () => (await held.progress()).lastObservation);
      await eventually('polls', () => (rig().simulator.requestsFor('OUT-polled').length > 6 ? true : undefined));

      expect((await lookAt(beganAtMs + HALF_AN_HOUR - MINUTE)).found).toContain('(looked at 0)');
      const answered = await lookAt(Date.parse(report.observedAt) + HALF_AN_HOUR - 1);
      expect(answered).toMatchObject({ state: 'ok', found: expect.stringContaining('(looked at 2)') as string });
      const quiet = await lookAt(Date.now() + HALF_AN_HOUR + MINUTE);
      expect(quiet.state).toBe('failure');
      expect(quiet.found).toContain('2 running monitors with no observation for 30 min or more');
      for (const monitor of [polled, held]) expect(quiet.found).toContain(`${monitor.workflowId} until 20`);
      expect(quiet.remedy).toContain('temporal-polyai status');
      const unread = await lookAt(Date.now() + HALF_AN_HOUR + MINUTE, withoutKey());
      expect(unread).toMatchObject({ state: 'warning', remedy: expect.stringContaining('payload codec') as string });
      expect(unread.found).toContain('2 could not be read');

      // From now on the observations are in the history only, for a long poll in its failure.
      rig().simulator.setFault({ kind: 'status', status: 401 });
      for (const monitor of [polled, held]) {
        const safeUntil = await eventually('the refusal', async () => {
          const { phase, outcomeSafeUntil } = await monitor.progress();
          return phase === 'credential-hold' ? outcomeSafeUntil : undefined;
        });
        const refused = await lookAt(Date.now() + HALF_AN_HOUR + MINUTE);
        expect(refused.found).toContain(`${monitor.workflowId} until ${safeUntil}`);
      }

      for (const monitor of [polled, held]) await monitor.cancel();
      await Promise.allSettled([polled.result(), held.result()]);
    });
    expect(await lookAt(Date.now() + HALF_AN_HOUR + MINUTE)).toMatchObject({ state: 'ok' });
  });

  it('include those that no worker has polled within half an hour of their start', async () => {
    const { workflowId } = await startMonitor(rig().client, { callSid: 'OUT-never-polled' });
    expect(await lookAt(Date.now() + HALF_AN_HOUR - MINUTE)).toMatchObject({ state: 'ok' });
    const finding = await eventually('the alarm', async () => {
      const { state, found } = await lookAt(Date.now() + HALF_AN_HOUR + MINUTE);
      return state === 'failure' ? found : undefined;
    });
    expect(finding).toContain('1 running monitor with no observation');
    expect(finding).toContain(workflowId);
    await rig().client.workflow.getHandle(workflowId).terminate();
  });
});

describe('more monitors than are read', () => {
  it('are mentioned, and a few of those at risk are named', { timeout: 120_000 }, async () => {
    const taskQueue = "the crowd's";
    for (let call = 0; call <= 200; call++) {
      await startMonitor(rig().client, { callSid: `OUT-crowd-${call}` }, { taskQueue });
    }
    const look = () =>
      checkMonitorsAtRisk(access, {
        taskQueue,
        nowMs: Date.now() + 31 * MINUTE,
        stopAtMs: performance.now() + 30_000,
      });
    const found = await eventually('all of them', async () => {
      const finding = await look();
      return finding.found.includes('there are more') ? finding.found : undefined;
    });
    expect(found).toMatch(/^200 running monitors .* and 195 others \(looked at 200, there are more\)$/);
  });

  it('are a warning when the time is up before the first is read', async () => {
    const options = { taskQueue: "the crowd's", nowMs: Date.now() + 31 * MINUTE, stopAtMs: performance.now() };
    expect(await checkMonitorsAtRisk(access, options)).toMatchObject({
      state: 'warning',
      found: expect.stringContaining('(looked at 0, there are more)') as string,
    });
  });
});

describe('workers', () => {
  it('that poll for workflows only are told apart', async () => {
    const taskQueue = 'workflows-only';
    const worker = await Worker.create({
      connection: rig().nativeConnection,
      namespace: rig().server.namespace,
      taskQueue,
      workflowBundle: { codePath: inject('workflowBundlePath') },
    });
    await worker.runUntil(async () => {
      await eventually('a poller', async () => {
        const { state } = await checkPoller(access, { taskQueue, kind: 'workflows' });
        return state === 'ok' ? state : undefined;
      });
      expect(await checkPoller(access, { taskQueue, kind: 'activities' })).toMatchObject({
        state: 'failure',
        remedy: expect.stringContaining('temporal-polyai worker') as string,
      });
    });
  });

  it('that have stopped minutes ago are reported with the time since their last poll', async () => {
    await rig().whileWorking(() => delay(200));
    shiftClock(10 * MINUTE);
    const finding = await checkPoller(access, { taskQueue: DEFAULT_TASK_QUEUE, kind: 'activities' });
    expect(finding).toMatchObject({
      state: 'failure',
      found: expect.stringMatching(/last poll was (9|10) min/) as string,
    });
  });
});
