import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openOutcomeStore } from '../../../../src/outcomes.js';
import { callCli } from '../../../support/call-cli.js';
import { CLI_PATH, runCli } from '../../../support/cli-process.js';
import { failed, succeeded, unseen } from '../../../support/outcome-samples.js';

const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-outcomes-'));
const url = `sqlite:${join(folder, 'kept.sqlite')}`;

beforeAll(async () => {
  const store = await openOutcomeStore(url);
  await store.save(succeeded('OUT-1'));
  await store.save(failed('OUT-2', '=cmd("x"), no\u001b[31m answer'));
  await store.save(unseen('OUT-3'));
  await store.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function outcomes(...args: string[]) {
  const { code, stdout, stderr } = await callCli(['outcomes', ...args], { env: { POLYAI_OUTCOMES_URL: url } });
  return { code, stdout, stderr };
}

/** Runs a command with its stdout in a file, by a shell script whose arguments are the command. */
function runInto(file: string, script: string, args: readonly string[], store = url) {
  const stdout = openSync(file, 'w');
  try {
    return spawnSync('bash', ['-c', script, process.execPath, CLI_PATH, 'outcomes', ...args], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], POLYAI_OUTCOMES_URL: store },
      stdio: ['ignore', stdout, 'pipe'],
      encoding: 'utf8',
    });
  } finally {
    closeSync(stdout);
  }
}

describe('outcomes list', () => {
  it('prints a table, newest first, without escape sequences', async () => {
    const { code, stdout, stderr } = await outcomes('list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = stdout.trimEnd().split('\n');
    const rest = rows.map((line) =>
      line.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, 'TIME').replaceAll(/ {2,}/g, ' | '),
    );
    expect(rest).toEqual([
      'CALL | STATUS | SAVED | POLLS | ACCOUNT | WHY',
      'OUT-3 | none | TIME | 3 | CallNotFound: the API does not know OUT-3',
      'OUT-2 | failure | TIME | 41 | sales | =cmd("x"), no answer',
      'OUT-1 | success | TIME | 41',
    ]);
    const status = rows[0]?.indexOf('STATUS') ?? -1;
    expect(rows.map((row) => row.slice(status, status + 4))).toEqual(['STAT', 'none', 'fail', 'succ']);
  });

  it('says that there are more outcomes than it lists', async () => {
    const { stdout, stderr } = await outcomes('list', '--limit', '2');
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stderr).toBe('these are the latest 2; --limit 0 lists all\n');
    expect((await outcomes('list', '--limit', '3')).stderr).toBe('');
  });

  it('takes filters, and prints JSON Lines', async () => {
    const { stdout } = await outcomes('list', '--json', '--status', 'failure', '--account', 'sales', '--since', '1h');
    expect(JSON.parse(stdout)).toMatchObject({ callSid: 'OUT-2', status: 'failure', account: 'sales' });
    expect(await outcomes('list', '--until', '2026-01-31')).toEqual({ code: 0, stdout: '', stderr: 'no outcomes\n' });
  });
});

describe('rows with escape sequences, which an older version may have stored', () => {
  const evil = '\u001b]0;title\u0007\u009b31mred\u202e\u007f';
  let evilUrl = '';
  beforeAll(async () => {
    const file = join(folder, 'evil.sqlite');
    evilUrl = `sqlite:${file}`;
    const store = await openOutcomeStore(evilUrl);
    await store.save(succeeded('OUT-1', { account: 'sales' }));
    await store.close();
    const db = new Database(file);
    db.prepare('UPDATE outcomes SET reason = ?, account = ?, status = ?, workflow_id = ?, saved_at = ?').run(
      Array.from({ length: 5 }, () => evil),
    );
    db.prepare('UPDATE outcomes SET last_raw_status = ?, timeline = ?').run([
      evil,
      JSON.stringify([{ status: evil, at: evil }]),
    ]);
    db.close();
  });

  it.each([
    [['list']],
    [['list', '--json']],
    [['show', 'OUT-1']],
    [['show', 'OUT-1', '--json']],
    [['list', '--account', evil]],
    [['list', `--${evil}`]],
    [['show', evil]],
  ])('reach no terminal: outcomes %j', async (args) => {
    const { stdout, stderr } = await callCli(['outcomes', ...args], { env: { POLYAI_OUTCOMES_URL: evilUrl } });
    expect(stdout + stderr).not.toBe('');
    expect(stdout + stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });

  it('are the same values in JSON', async () => {
    const { stdout } = await callCli(['outcomes', 'show', 'OUT-1', '--json'], {
      env: { POLYAI_OUTCOMES_URL: evilUrl },
    });
    expect(JSON.parse(stdout)).toMatchObject({ reason: evil, account: evil });
  });
});

describe('outcomes show', () => {
  it.each([
    { callSid: 'OUT-1', code: 0, says: /^OUT-1: success\n(.*\n)* {2}timeline {3}2026-01-31T12:00:00.100Z queued\n/ },
    {
      callSid: 'OUT-2',
      code: 3,
      says: /^OUT-2: failure\n {2}reason {5}=cmd\("x"\), no answer\n {2}account {4}sales\n/,
    },
    { callSid: 'OUT-3', code: 4, says: /^OUT-3: no terminal status\n {2}ended {6}CallNotFound: the API does not know/ },
  ])('shows all of $callSid and ends with $code, as "status" does', async ({ callSid, code, says }) => {
    const shown = await runCli(['outcomes', 'show', callSid], { env: { POLYAI_OUTCOMES_URL: url } });
    expect(shown).toMatchObject({ code, stderr: '' });
    expect(shown.stdout).toMatch(says);
    expect(shown.stdout).not.toContain('\u001b');
    const { stdout } = await outcomes('show', callSid, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ callSid, workflowId: `outbound-call-${callSid}` });
  });

  it('reports a call without a stored outcome', async () => {
    expect(await outcomes('show', 'OUT-9')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'temporal-polyai: no outcome of OUT-9 is stored; to see its monitor: temporal-polyai status OUT-9\n',
    });
  });
});

describe('outcomes export', () => {
  it('writes CSV with the columns of the table, and no formulas', async () => {
    const { code, stdout } = await outcomes('export', '--format', 'csv', '--status', 'failure');
    expect(code).toBe(0);
    const [head, ...records] = stdout.split('\r\n');
    expect(head).toMatch(/^call_sid,account,status,reason,.*,saved_at,timeline$/);
    expect(records[0]).toMatch(/^OUT-2,sales,failure,"'=cmd\(""x""\), no.\[31m answer",,,success,SUCCESS,,2026-/);
  });

  it('writes JSON Lines to a file, and says how many', async () => {
    const file = join(folder, 'outcomes.jsonl');
    const { stdout, stderr } = await outcomes('export', '--format', 'jsonl', '--output', file);
    expect({ stdout, stderr }).toEqual({ stdout: `${file}: 3 outcomes\n`, stderr: '' });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { callSid: string }).callSid)).toEqual(['OUT-3', 'OUT-2', 'OUT-1']);
  });

  it('reports a file that it cannot write', async () => {
    const { code, stderr } = await outcomes('export', '--format', 'csv', '--output', join(folder, 'none', 'x.csv'));
    expect(code).toBe(1);
    expect(stderr).toContain('choose another with --output');
    expect(await outcomes('export', '--format', 'csv', '--output', '')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('It must be the path of a file.') as string,
    });
    expect(readdirSync('.').filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it
    .skipIf(!existsSync('/dev/full'))
    .each([
      [['export', '--format', 'jsonl']],
      [['export', '--format', 'csv', '--output', '/dev/full']],
      [['list']],
      [['show', 'OUT-1', '--json']],
      [['--help']],
    ])('ends with an error when the disk is full: %j', (args) => {
    const { status, stderr } = runInto('/dev/full', `exec "$0" "$@"`, args);
    expect(stderr).toMatch(/^temporal-polyai: .*ENOSPC.*\n$/);
    expect(status).toBe(1);
  });

  it.skipIf(process.platform === 'win32').each(['csv', 'jsonl'])(
    'ends with an error when the disk takes only a part of the last write (%s)',
    async (format) => {
      const large = `sqlite:${join(folder, `large-${format}.sqlite`)}`;
      const store = await openOutcomeStore(large);
      await store.save(failed('OUT-1', 'x'.repeat(1_500)));
      await store.close();
      const file = join(folder, `limited.${format}`);
      // One block of 512 or 1,024 bytes; a write beyond it is an error (EFBIG) instead of a signal.
      const { status, stderr } = runInto(
        file,
        `trap '' XFSZ; ulimit -f 1; exec "$0" "$@"`,
        ['export', '--format', format],
        large,
      );
      expect(statSync(file).size).toBeLessThan(1_500);
      expect(stderr).toContain('the output cannot be written: EFBIG');
      expect(status).toBe(1);
    },
  );
});

describe('the outcomes commands', () => {
  it.each(['list', 'show', 'export'])('show an example in the help of "%s"', async (command) => {
    const { code, stdout } = await outcomes(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n.*temporal-polyai outcomes ${command}`));
  });

  it.each([
    { args: ['list', '--since', 'yesterday'], says: 'It must be a duration such as "24h", or a time' },
    { args: ['list', '--limit', '-1'], says: 'It must be a whole number' },
    { args: ['list', '--status', 'busy'], says: 'Allowed choices are success, failure, none' },
    { args: ['export'], says: "'--format <format>' not specified" },
    { args: ['export', '--format', 'xml'], says: 'Allowed choices are csv, jsonl' },
    { args: ['show', '1'], says: 'Invalid call SID' },
    { args: ['drop'], says: "unknown command 'drop'" },
  ])('answer wrong usage ($args) with exit code 2', async ({ args, says }) => {
    const { code, stdout, stderr } = await outcomes(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });

  it.each([
    { given: 'off', code: 2, says: 'outcomes are not stored: POLYAI_OUTCOMES_URL is "off"' },
    { given: 'mysql://me:s3cret@db', code: 2, says: 'POLYAI_OUTCOMES_URL is not an outcomes URL' },
    {
      given: 'postgres://me:s3cret@localhost:1/calls',
      code: 1,
      says: 'postgresql://localhost:1/calls cannot be reached',
    },
  ])('report what is wrong with $given', async ({ given, code, says }) => {
    const cli = await callCli(['outcomes', 'list'], { env: { POLYAI_OUTCOMES_URL: given } });
    expect(cli.code).toBe(code);
    expect(cli.stderr).toContain(says);
    expect(cli.stderr).not.toContain('s3cret');
  });

  it('do not create a store in the wrong folder', async () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    const cli = await callCli(['outcomes', 'list'], { cwd: elsewhere });
    expect(cli.code).toBe(1);
    expect(cli.stderr).toContain('there is no database');
    expect(existsSync(join(elsewhere, '.temporal-polyai'))).toBe(false);
  });
});
