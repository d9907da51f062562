import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { CheckResult } from '../../../../src/cli/doctor/report.js';
import { runDoctor } from '../../../../src/cli/doctor/run.js';
import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../../../../src/contract/names.js';
import { openOutcomeStore } from '../../../../src/outcomes.js';
import { callCommand } from '../../../support/call-cli.js';
import { CliProcess, runCli } from '../../../support/cli-process.js';
import { useDevServerRig } from '../../../support/dev-server-rig.js';

const rig = useDevServerRig({ extraArgs: ['--search-attribute', `${ALARM_SEARCH_ATTRIBUTE}=Keyword`] });
let folder: string;
let outcomesUrl: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-'));
  outcomesUrl = `sqlite:${folder}/outcomes.sqlite`;
  await (await openOutcomeStore(outcomesUrl)).close();
});

afterAll(() => rmSync(folder, { recursive: true }));

const environment = (): Record<string, string> => ({ ...rig().workerEnvironment(), POLYAI_OUTCOMES_URL: outcomesUrl });

interface Report {
  readonly code: number | null;
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
  readonly output: string;
  /** The check of that name. */
  readonly of: (name: string) => CheckResult;
  /** Names of the checks in this state. */
  readonly named: (state: CheckResult['state']) => string[];
}

async function doctor(change: Readonly<Record<string, string>> = {}, taskQueue?: string): Promise<Report> {
  const env = { ...environment(), ...change };
  return reportOf(await callCommand(() => runDoctor({ taskQueue, json: true }), { env }));
}

async function doctorProcess(change: Readonly<Record<string, string>> = {}): Promise<Report> {
  return reportOf(await runCli(['doctor', '--json'], { env: { ...environment(), ...change } }));
}

function reportOf({ code, stdout, stderr }: Pick<CliProcess, 'stdout' | 'stderr'> & { code: number | null }): Report {
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: CheckResult[] };
  return {
    ...{ code, ok, checks, output: stdout + stderr },
    of: (name) => checks.find((check) => check.name === name)!,
    named: (state) => checks.filter((check) => check.state === state).map(({ name }) => name),
  };
}

const CHECKS = [
  ...['versions', 'temporal', 'namespace', 'workflow-worker', 'activity-worker', 'worker-heartbeats', 'versioning'],
  ...['eager-dispatch', 'monitors-at-risk', 'configuration', 'outcome-store', 'polyai', 'polyai-clock'],
  ...['POLYAI_SEARCH_ATTRIBUTES', CALL_STATUS_SEARCH_ATTRIBUTE, ALARM_SEARCH_ATTRIBUTE],
];
/** The checks that need Temporal. */
const OF_TEMPORAL = CHECKS.filter((name) => /namespace|worker|versioning|eager|at-risk|^POLYAI_|^PolyAi/.test(name));

describe('temporal-polyai doctor, with a worker', () => {
  let worker: CliProcess;
  beforeAll(async () => {
    worker = new CliProcess(['worker'], { env: environment() });
    await worker.prints('RUNNING');
  });
  afterAll(() => worker.end('SIGTERM'));

  it('finds nothing wrong with a working installation, and exits with 0', async () => {
    const { code, ok, checks, named, of } = await doctorProcess();
    expect(checks.map(({ name }) => name)).toEqual(CHECKS);
    // The server has the first heartbeat of a worker after a minute.
    expect([...named('ok'), 'worker-heartbeats']).toEqual(expect.arrayContaining(CHECKS));
    expect(named('not-checked')).toEqual(named('ok').includes('worker-heartbeats') ? [] : ['worker-heartbeats']);
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(of('workflow-worker').found).toMatch(/^1 worker polls "polyai-outbound-calls" for workflows, last/);

    const { code: codeOfText, stdout, stderr } = await runCli(['doctor'], { env: environment() });
    expect(codeOfText).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toHaveLength(CHECKS.length + 2);
    expect(stdout).toMatch(/\n\n\d+ ok, 0 warnings, 0 failures/);
    expect(stdout).not.toContain(rig().simulator.token);
  });

  it('warns when outcomes are not stored, and exits with 0 if nothing else is wrong', async () => {
    const { code, named } = await doctor({ POLYAI_OUTCOMES_URL: 'off' });
    expect(named('warning')).toEqual(['outcome-store']);
    expect(code).toBe(0);
  });
});

describe('temporal-polyai doctor', () => {
  it('reports that no worker polls, for workflows and for activities, and how to start one', async () => {
    const { code, ok, checks, named } = await doctor({}, 'polled-by-nobody');
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    expect(named('failure')).toEqual(['workflow-worker', 'activity-worker']);
    for (const { found, remedy } of checks.filter(({ state }) => state === 'failure')) {
      expect(found).toContain('no worker polls "polled-by-nobody"');
      expect(remedy).toContain('temporal-polyai worker');
    }
  });

  it('reports a closed port, and runs the checks that do not need Temporal', async () => {
    const { code, of, named } = await doctor({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(code).toBe(1);
    expect(named('failure')).toEqual(['temporal']);
    expect(of('temporal').found).toContain('nothing answers at 127.0.0.1:1');
    expect(named('not-checked')).toEqual(OF_TEMPORAL);
    expect(of('activity-worker').found).toMatch(/^because Temporal/);
    expect(of('polyai').state).toBe('ok');
  });

  it('reports a namespace that does not exist, and what to set', async () => {
    const { code, of, named } = await doctor({ TEMPORAL_NAMESPACE: 'nowhere' });
    expect(code).toBe(1);
    expect(named('failure')).toEqual(['namespace']);
    expect(of('namespace').found).toContain('has no namespace "nowhere"');
    expect(of('namespace').remedy).toContain('TEMPORAL_NAMESPACE');
    expect(of('temporal').state).toBe('ok');
    expect(named('not-checked')).toEqual(OF_TEMPORAL.filter((name) => name !== 'namespace'));
  });

  it('reports a rejected token, and does not show it', async () => {
    const { code, of, output } = await doctor({ POLYAI_AUTH_TOKEN: 'wrong-token-4711' });
    expect(code).toBe(1);
    expect(of('polyai').found).toContain('rejects the token');
    expect(of('polyai').remedy).toContain('POLYAI_AUTH_TOKEN');
    expect(output).not.toContain('wrong-token-4711');
  });

  it('checks each account that the worker serves, and reports the one that is rejected', async () => {
    const { url, token } = rig().simulator;
    const account = (tokenEnv: string) => ({ baseUrl: url, tokenEnv });
    const file = join(folder, 'accounts.json');
    writeFileSync(file, JSON.stringify({ acme: account('ACME_TOKEN'), globex: account('GLOBEX_TOKEN') }));
    const tokens = { ACME_TOKEN: token, GLOBEX_TOKEN: 'wrong-token-4711' };
    const { of, output } = await doctor({ POLYAI_ACCOUNTS_FILE: file, ...tokens });
    expect([of('polyai').state, of('polyai:acme').state]).toEqual(['ok', 'ok']);
    expect(of('polyai:globex')).toMatchObject({ state: 'failure' });
    expect(of('polyai:globex').remedy).toContain('GLOBEX_TOKEN');
    expect(output).not.toContain('wrong-token-4711');
  });

  it('reports an API that cannot be reached, and does not check its clock', async () => {
    const { of } = await doctor({ POLYAI_BASE_URL: 'http://127.0.0.1:1' });
    expect(of('polyai')).toMatchObject({ state: 'failure', remedy: expect.stringContaining('POLYAI_') as string });
    expect(of('polyai-clock').state).toBe('not-checked');
  });

  it('reports a store that cannot be used, and shows no password', async () => {
    writeFileSync(join(folder, 'file'), '');
    const inFile = await doctor({ POLYAI_OUTCOMES_URL: `sqlite:${folder}/file/outcomes.sqlite` });
    expect(inFile.of('outcome-store')).toMatchObject({ state: 'failure' });
    const absent = await doctor({ POLYAI_OUTCOMES_URL: 'postgres://someone:pass-5417@127.0.0.1:1/outcomes' });
    expect(absent.of('outcome-store')).toMatchObject({ state: 'failure' });
    expect(absent.of('outcome-store').remedy).toContain('POLYAI_OUTCOMES_URL');
    expect(absent.output).not.toContain('pass-5417');
  });

  it('lists every problem of an invalid environment, runs the other checks, and exits with 2', async () => {
    const wrong = { POLYAI_REGION: 'mars', POLYAI_REQUEST_TIMEOUT_MS: 'soon', TEMPORAL_PROFILE: 'none' };
    const { code, of, named } = await doctor({ ...wrong, POLYAI_BASE_URL: '' });
    expect(code).toBe(2);
    expect(named('failure')).toEqual(['configuration']);
    for (const part of ['POLYAI_REGION', 'POLYAI_REQUEST_TIMEOUT_MS', "Profile 'none' not found"]) {
      expect(of('configuration').found).toContain(part);
    }
    expect(named('ok')).toEqual(['versions', 'outcome-store']);

    const lacking = await doctor({ POLYAI_AUTH_TOKEN: '' });
    expect(lacking.of('configuration').found).toContain('POLYAI_AUTH_TOKEN is not set');
    expect(lacking.of('polyai')).toMatchObject({ state: 'not-checked' });
    expect(lacking.of('namespace').state).toBe('ok');
  });

  it('ends within half a minute when no server answers', async () => {
    const silent = createServer();
    const sockets = new Set<Socket>();
    silent.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const beganAt = performance.now();
    const { code, named } = await doctorProcess({
      TEMPORAL_ADDRESS: address,
      POLYAI_BASE_URL: `http://${address}`,
      POLYAI_OUTCOMES_URL: `postgres://${address}/outcomes`,
    });
    expect(performance.now() - beganAt).toBeLessThan(30_000);
    expect(code).toBe(1);
    expect(named('failure')).toEqual(['temporal', 'outcome-store', 'polyai']);
  });

  it('shows an example in its help', async () => {
    const { code, stdout } = await runCli(['doctor', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n.*temporal-polyai doctor/s);
  });
});
