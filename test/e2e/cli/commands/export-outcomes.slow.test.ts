import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';

import { CLI_PATH } from '../../../support/cli-process.js';
import { eventually } from '../../../support/dev-server-rig.js';
import { insertOutcomes } from '../../outcomes/many-outcomes.js';
import { useStores } from '../../outcomes/stores-under-test.js';

const MANY = 25_000;
const SMALL_HEAP = '--max-old-space-size=48';

const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function startCli(url: string, args: readonly string[]) {
  const child = spawn(process.execPath, [SMALL_HEAP, CLI_PATH, 'outcomes', ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], POLYAI_OUTCOMES_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const closed = once(child, 'close') as Promise<[number | null]>;
  return { child, ended: async () => ({ code: (await closed)[0], stderr }) };
}

function partialsOf(file: string): string[] {
  return readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)) && name.endsWith('.partial'));
}

/** The number of each call in the order of the lines. */
async function numbersIn(url: string, args: readonly string[]): Promise<number[]> {
  const { child, ended } = startCli(url, args);
  const numbers: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const number = /^(?:\{"callSid":")?OUT-(\d+)[",]/.exec(line)?.[1];
    if (number !== undefined) numbers.push(Number(number));
  }
  expect(await ended()).toEqual({ code: 0, stderr: '' });
  return numbers;
}

describe.each(useStores())(
  '25,000 outcomes on $name, in a heap of 48 MB',
  { timeout: 180_000 },
  ({ name, freshUrl }) => {
    let url = '';
    it('are saved', async () => {
      url = await freshUrl();
      await insertOutcomes(url, MANY);
    });

    it('are listed, newest first, each once', async () => {
      const numbers = await numbersIn(url, ['list', '--limit', '0', '--json']);
      expect(numbers).toHaveLength(MANY);
      expect(new Set(numbers).size).toBe(MANY);
      const seconds = numbers.map((number) => Math.floor(number / 3));
      expect(seconds).toEqual([...seconds].sort((one, other) => other - one));
    });

    it('are exported as CSV', async () => {
      const numbers = await numbersIn(url, ['export', '--format', 'csv']);
      expect(new Set(numbers).size).toBe(MANY);
      expect(numbers).toHaveLength(MANY);
    });

    it('leave no partial file behind after Ctrl-C', async () => {
      const file = join(folder, 'interrupted.csv');
      const { child, ended } = startCli(url, ['export', '--format', 'csv', '--output', file]);
      await eventually('a partial file', () => partialsOf(file)[0]);
      child.kill('SIGINT');
      const { code, stderr } = await ended();
      expect(stderr).toMatch(/^interrupted after \d+ outcomes\n$/);
      expect(code).toBe(130);
      expect(existsSync(file)).toBe(false);
      expect(partialsOf(file)).toEqual([]);
    });

    if (name === 'SQLite') testOutput(() => url);
  },
);

/** What does not depend on the store. */
function testOutput(url: () => string): void {
  it('do not fit into the heap at once', async () => {
    const script = `
      const { openOutcomeStore } = await import('temporal-polyai/outcomes');
      const all = [];
      for await (const outcome of (await openOutcomeStore(${JSON.stringify(url())})).list()) all.push(outcome);`;
    const child = spawn(process.execPath, [SMALL_HEAP, '--input-type=module', '--eval', script], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    // "JavaScript heap out of memory" ends with an abort.
    expect(await once(child, 'close')).toEqual([null, 'SIGABRT']);
  });

  it('are found by their status', async () => {
    const numbers = await numbersIn(url(), ['list', '--limit', '0', '--json', '--status', 'none']);
    expect(numbers).toHaveLength(MANY / 10);
    expect(numbers.every((number) => number % 10 === 0)).toBe(true);
  });

  it('are exported as JSON Lines to a file, which gets its name when it is complete', async () => {
    const file = join(folder, 'outcomes.jsonl');
    const { child, ended } = startCli(url(), ['export', '--format', 'jsonl', '--output', file]);
    child.stdout.resume();
    await eventually('a partial file', () => partialsOf(file)[0]);
    expect(existsSync(file)).toBe(false);
    expect(await ended()).toEqual({ code: 0, stderr: '' });
    const callSids = readFileSync(file, 'utf8').match(/^\{"callSid":"OUT-\d+"/gm);
    expect(new Set(callSids).size).toBe(MANY);
    rmSync(file);
  });

  it('wait for a slow reader, and end at Ctrl-C although it has stopped reading', async () => {
    const { child, ended } = startCli(url(), ['export', '--format', 'jsonl']);
    await once(child.stdout, 'readable');
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill('SIGINT');
    await once(child, 'exit');
    child.stdout.resume();
    const { code, stderr } = await ended();
    expect(stderr).toMatch(/^interrupted after \d+ outcomes\n$/);
    expect(code).toBe(130);
  });

  it('are both complete when two exports write one file', async () => {
    const file = join(folder, 'both.jsonl');
    const args = ['export', '--format', 'jsonl', '--output', file];
    const [one, other] = [startCli(url(), args), startCli(url(), args)];
    for (const { child } of [one, other]) child.stdout.resume();
    expect([await one.ended(), await other.ended()]).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    const callSids = readFileSync(file, 'utf8').match(/^\{"callSid":"OUT-\d+"/gm);
    expect(callSids).toHaveLength(MANY);
    expect(new Set(callSids).size).toBe(MANY);
    expect(partialsOf(file)).toEqual([]);
    rmSync(file);
  });

  it('may lose their reader without an error', async () => {
    const { child, ended } = startCli(url(), ['export', '--format', 'csv']);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await ended()).toEqual({ code: 0, stderr: '' });
  });
}
