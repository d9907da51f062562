import { describe, expect, inject, it } from 'vitest';

import type { StoredOutcome } from '../../../src/contract/outcome.js';
import { openOutcomeStore } from '../../../src/outcomes.js';
import { runCli } from '../../support/cli-process.js';
import { succeeded, unseen } from '../../support/outcome-samples.js';
import { eventually } from '../../support/dev-server-rig.js';
import { PostgresCluster, query } from '../../support/postgres-cluster.js';
import { saveInProcess, saveTogether } from './saver-process.js';
import { useStores } from './stores-under-test.js';

const PROCESSES = [0, 1, 2, 3];

async function keptIn(url: string): Promise<string[]> {
  const store = await openOutcomeStore(url);
  const callSids: string[] = [];
  for await (const { callSid } of store.list()) callSids.push(callSid);
  await store.close();
  return callSids.sort();
}

function byCallSid(outcomes: readonly StoredOutcome[]): StoredOutcome[] {
  return outcomes.toSorted((one, other) => one.callSid.localeCompare(other.callSid));
}

function numbered(prefix: string, count: number) {
  return Array.from({ length: count }, (_, index) => succeeded(`OUT-${prefix}-${String(index).padStart(4, '0')}`));
}

const stores = useStores();

describe.each(stores)('four processes on one store: $name', ({ freshUrl }) => {
  it('make its tables once, and keep all that they save', async () => {
    const url = await freshUrl();
    const saved = PROCESSES.map((process) => numbered(`p${process}`, 50));
    await saveTogether(
      url,
      saved.map((outcomes) => ({ outcomes })),
    );
    expect(await keptIn(url)).toEqual(saved.flat().map(({ callSid }) => callSid));
  });

  it('that save the same calls get equal answers, and each call is kept once', async () => {
    const url = await freshUrl();
    const callSids = numbered('same', 60).map(({ callSid }) => callSid);
    const jobs = PROCESSES.map((process) => {
      // From both ends, so that not the one that starts first is the first everywhere.
      const order = process % 2 === 0 ? callSids : callSids.toReversed();
      const runId = `run-${process}`;
      return {
        outcomes: order.flatMap((callSid) => [unseen(callSid, { runId }), succeeded(callSid, { runId })]),
        paceMs: 5,
      };
    });
    const saved = await saveTogether(url, jobs);
    const answers = saved.map(({ answers: stored }) => byCallSid(stored.filter((_, index) => index % 2 === 1)));
    for (const other of answers) expect(other).toEqual(answers[0]);
    const winners = new Set(answers[0]?.map(({ runId }) => runId));
    expect(winners.size, 'the processes did not race').toBeGreaterThan(1);
    expect(await keptIn(url)).toEqual(callSids);
  });
});

describe('two workers on one SQLite file', () => {
  it('save while the command line reads, and nothing gets in the way of the other', async () => {
    const url = await stores.find(({ name }) => name === 'SQLite')!.freshUrl();
    await (await openOutcomeStore(url)).close();
    const saving = Promise.all(
      ['a', 'b'].map((name) => saveInProcess(url, { outcomes: numbered(name, 200), paceMs: 10 })),
    );
    const state = { isSaving: true };
    const ended = saving.finally(() => (state.isSaving = false));
    const counts: number[] = [];
    while (state.isSaving) {
      const args = ['outcomes', 'list', '--limit', '0', '--json'];
      const { code, stdout, stderr } = await runCli(args, { env: { POLYAI_OUTCOMES_URL: url } });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      counts.push(stdout.split('\n').length - 1);
    }
    await ended;
    expect(await keptIn(url)).toHaveLength(400);
    expect(counts).toEqual([...counts].sort((one, other) => one - other));
  });
});

describe('a PostgreSQL that goes away for some seconds', () => {
  it('costs no outcome and writes none twice, and no worker ends', async () => {
    const cluster = await PostgresCluster.start(inject('postgresBinaries'));
    try {
      const url = await cluster.createDatabase();
      const idle = await openOutcomeStore(url);
      const outcomes = PROCESSES.map((process) => numbered(`p${process}`, 150));
      const saving = Promise.all(
        outcomes.map((some) => saveInProcess(url, { outcomes: some, paceMs: 40, retry: true })),
      );
      await eventually('every process saves', async () => {
        const [row] = await query(
          url,
          'SELECT count(DISTINCT left(call_sid, 6))::int AS savers FROM temporal_polyai_outcomes',
        );
        return row?.['savers'] === PROCESSES.length ? true : undefined;
      });
      await cluster.stop();
      await expect(idle.get('OUT-p0-0000')).rejects.toThrow('cannot be reached: check that PostgreSQL runs there');
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await cluster.start();
      const results = await saving;
      expect(results.reduce((sum, { failures }) => sum + failures, 0)).toBeGreaterThan(0);
      expect(await query(url, 'SELECT count(*)::int AS kept FROM temporal_polyai_outcomes')).toEqual([{ kept: 600 }]);
      expect(await idle.get('OUT-p0-0000')).toMatchObject({ status: 'success' });
      await idle.close();
    } finally {
      await cluster.end();
    }
  });
});
