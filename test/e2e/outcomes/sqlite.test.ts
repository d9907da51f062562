import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { openOutcomeStore } from '../../../src/outcomes.js';
import { SqliteFile } from '../../../src/outcomes/sqlite-file.js';
import { migrateSqlite, verifySqlite } from '../../../src/outcomes/sqlite-schema.js';
import { SqliteStore } from '../../../src/outcomes/sqlite.js';
import { succeeded, unseen } from '../../support/outcome-samples.js';
import { messageOf, open } from './stores-under-test.js';

/** A user without rights, as on Linux. */
const NOBODY = 65_534;
const ROOT = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-sqlite-'));
let files = 0;
let path = '';
let url = '';

beforeEach(() => {
  path = join(folder, `store-${(files += 1)}`, 'nested', 'outcomes.sqlite');
  url = `sqlite:${path}`;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sqlite<T>(sql: string): T[] {
  const db = new Database(path);
  try {
    return db.prepare(sql).all() as T[];
  } finally {
    db.close();
  }
}

test('each write is on the disk before it is confirmed, and readers do not wait for writers', async () => {
  const file = new SqliteFile({ path, redactedUrl: url, schema: { verify: verifySqlite, migrate: migrateSqlite } });
  const pragma = (name: string) => file.use((db) => db.prepare(`PRAGMA ${name}`).get());
  expect(await pragma('synchronous')).toMatchObject({ synchronous: 2 });
  expect(await pragma('journal_mode')).toMatchObject({ journal_mode: 'wal' });
  file.close();
});

test('saves that arrive together cost one write, not one each', async () => {
  const store = await open(url);
  await store.save(succeeded('OUT-0'));
  const before = statSync(`${path}-wal`).size;
  await Promise.all(Array.from({ length: 200 }, (_, index) => store.save(succeeded(`OUT-${index + 1}`))));
  // One transaction writes a page once; 200 would write some pages 200 times, which is 3 MB.
  expect(statSync(`${path}-wal`).size - before).toBeLessThan(1_000_000);
  expect(sqlite('SELECT call_sid FROM outcomes')).toHaveLength(201);
});

test('an operator can query the columns', async () => {
  const store = await open(url);
  await store.save(succeeded('OUT-1', { account: 'sales' }));
  const [row] = sqlite<Record<string, unknown>>('SELECT * FROM outcomes');
  expect(row).toMatchObject({
    call_sid: 'OUT-1',
    account: 'sales',
    status: 'success',
    last_status: 'success',
    last_raw_status: 'SUCCESS',
    polls: 41,
    finished_at: '2026-01-31T12:02:00.500Z',
    ending_type: null,
    workflow_id: 'outbound-call-OUT-1',
  });
  expect(sqlite("SELECT json_extract(timeline, '$[0].status') AS first FROM outcomes")).toMatchObject([
    { first: 'queued' },
  ]);
});

test('a closed store leaves everything in the one file', async () => {
  const store = await openOutcomeStore(url);
  await store.save(succeeded('OUT-1'));
  await store.close();
  const copy = join(folder, `copy-${files}.sqlite`);
  cpSync(path, copy);
  expect(await (await open(`sqlite:${copy}`)).get('OUT-1')).toMatchObject({ status: 'success' });
});

test('a save waits for another program that locks the file, and the process goes on meanwhile', async () => {
  const store = await open(url);
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 10);
  const saved = store.save(succeeded('OUT-1'));
  await new Promise((done) => setTimeout(done, 600));
  clearInterval(ticking);
  expect(sqlite('SELECT * FROM outcomes')).toHaveLength(0);
  other.exec('COMMIT');
  other.close();
  expect(await saved).toMatchObject({ callSid: 'OUT-1' });
  expect(ticks).toBeGreaterThan(5);
});

test('a file that stays locked is an error, after which a save can be tried again', async () => {
  const store = await SqliteStore.open({ path, redactedUrl: url, busyTimeoutMs: 300 });
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  expect(await messageOf(store.save(succeeded('OUT-1')))).toBe(
    `the outcome store ${url} is locked by another program for too long: end that program, or try again`,
  );
  expect(await messageOf(store.check())).toContain('is locked');
  // Readers do not wait for writers.
  expect(await store.get('OUT-1')).toBeUndefined();
  other.exec('ROLLBACK');
  other.close();
  expect(await store.save(succeeded('OUT-1'))).toMatchObject({ callSid: 'OUT-1' });
  await store.close();
});

test('a file that was removed under a running worker is made again, and takes the next outcome', async () => {
  const store = await open(url);
  await store.save(succeeded('OUT-1'));
  for (const name of readdirSync(join(path, '..'))) rmSync(join(path, '..', name));
  await store.save(succeeded('OUT-2'));
  expect(sqlite('SELECT call_sid FROM outcomes')).toMatchObject([{ call_sid: 'OUT-2' }]);
});

/** What a worker leaves that is killed: the file, and the log of what is not in it yet. */
async function leaveKilled(outcomes: number): Promise<{ readonly backup: string }> {
  const store = await open(url);
  const names = Array.from({ length: outcomes }, (_, index) => `OUT-${index}`);
  await Promise.all(names.map((callSid) => store.save(unseen(callSid))));
  const backup = `${path}.backup`;
  sqlite(`VACUUM INTO '${backup}'`);
  for (const callSid of names) await store.save(succeeded(callSid));
  const killed = `${path}.killed`;
  for (const suffix of ['', '-wal']) cpSync(`${path}${suffix}`, `${killed}${suffix}`);
  path = killed;
  url = `sqlite:${path}`;
  return { backup };
}

test('a backup that is copied over the file of a killed worker is refused, and stays as it is until its log is deleted', async () => {
  const { backup } = await leaveKilled(600);
  cpSync(backup, path);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const message = await messageOf(openOutcomeStore(url));
    expect(message).toContain('does not fit the file beside it that ends in -wal');
    expect(message).toContain('delete the files that end in -wal and -shm, and restore the backup again');
  }
  expect(readFileSync(path)).toEqual(readFileSync(backup));
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  cpSync(backup, path);
  const restored = await open(url);
  expect(await restored.get('OUT-599')).toMatchObject(unseen('OUT-599'));
  await restored.save(succeeded('OUT-599'));
  expect(sqlite('PRAGMA integrity_check')).toMatchObject([{ integrity_check: 'ok' }]);
});

test('a killed worker loses nothing', async () => {
  await leaveKilled(600);
  const store = await open(url);
  expect(await store.get('OUT-599')).toMatchObject(succeeded('OUT-599'));
});

test('a backup that is moved in place of the file under a running worker is what it uses from then on', async () => {
  const store = await open(url);
  const names = Array.from({ length: 600 }, (_, index) => `OUT-${index}`);
  await Promise.all(names.map((callSid) => store.save(unseen(callSid))));
  sqlite(`VACUUM INTO '${path}.backup'`);
  for (const callSid of names) await store.save(succeeded(callSid));
  renameSync(`${path}.backup`, path);
  expect(await store.get('OUT-5')).toMatchObject(unseen('OUT-5'));
  await store.save(succeeded('OUT-5'));
  await store.close();
  expect(sqlite('PRAGMA integrity_check')).toMatchObject([{ integrity_check: 'ok' }]);
  expect(sqlite("SELECT count(*) AS n FROM outcomes WHERE status = 'success'")).toMatchObject([{ n: 1 }]);
});

test.each([
  ['the same schema number', 'CREATE TABLE notes (text); PRAGMA user_version = 1'],
  ['no schema number', 'CREATE TABLE notes (text)'],
  ['a table of the same name', 'CREATE TABLE outcomes (call_sid TEXT PRIMARY KEY); PRAGMA user_version = 1'],
])('a database of another program with %s is refused and left as it is', async (_what, sql) => {
  mkdirSync(dirname(path), { recursive: true });
  const other = new Database(path);
  other.exec(sql);
  other.close();
  const before = readFileSync(path);
  expect(await messageOf(openOutcomeStore(url))).toContain('is a database of another program: use another file');
  expect(await messageOf(openOutcomeStore(url, { migrate: false }))).toContain('is a database of another program');
  expect(readFileSync(path)).toEqual(before);
});

test('the check finds that outcomes cannot be saved', async () => {
  const store = await open(url);
  sqlite("CREATE TRIGGER refusing BEFORE INSERT ON outcomes BEGIN SELECT raise(ABORT, 'not today'); END");
  expect(await messageOf(store.check())).toContain('not today');
});

test('without migration nothing is created', async () => {
  expect(await messageOf(openOutcomeStore(url, { migrate: false }))).toContain('does not exist: a worker creates it');
  expect(existsSync(path)).toBe(false);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  expect(await messageOf(openOutcomeStore(url, { migrate: false }))).toContain('has no tables of this version yet');
  expect(statSync(path).size).toBe(0);
  await (await openOutcomeStore(url)).close();
  expect(await (await open(url)).get('OUT-1')).toBeUndefined();
});

test('tables that a newer version made are left alone', async () => {
  await (await openOutcomeStore(url)).close();
  sqlite('PRAGMA user_version = 99');
  expect(await messageOf(openOutcomeStore(url))).toContain(
    'has schema version 99 of a newer version of temporal-polyai: update this one',
  );
});

test.each([
  {
    what: 'is not a database',
    make: '',
    file: 'hello '.repeat(1_000),
    says: 'is not a SQLite database: use another file',
  },
  { what: 'is a folder', make: 'outcomes.sqlite', says: 'cannot be opened: give this process access' },
  { what: 'lies in a file', make: '..', file: '', says: 'its folder is a file' },
])('a path that $what is an error that says what to do', async ({ make, file, says }) => {
  const nested = join(path, '..');
  mkdirSync(join(nested, make), { recursive: true });
  if (file !== undefined) writeFileSync(make === '..' ? nested : path, file);
  expect(await messageOf(openOutcomeStore(url))).toContain(says);
});

test('a file that may not be written to fails the check, with the remedy', async ({ onTestFinished }) => {
  if (process.getuid?.() === 0) {
    // Root may write to any file.
    process.seteuid?.(NOBODY);
    onTestFinished(() => process.seteuid?.(0));
  }
  const file = join(mkdtempSync(join(tmpdir(), 'temporal-polyai-sqlite-')), 'outcomes.sqlite');
  onTestFinished(() => rmSync(dirname(file), { recursive: true }));
  await (await openOutcomeStore(`sqlite:${file}`)).close();
  chmodSync(file, 0o400);
  const check = async (): Promise<void> => {
    const store = await open(`sqlite:${file}`);
    await store.check();
  };
  expect(await messageOf(check())).toContain('give this process write access');
});

test('without libsql, the error says what else there is', () => {
  const bare = join(folder, 'bare');
  cpSync(join(ROOT, 'dist'), join(bare, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(bare, 'package.json'));
  const script = `
    const { openOutcomeStore } = await import('./dist/outcomes.js');
    await openOutcomeStore('sqlite:outcomes.sqlite').catch((error) => console.log(error.message));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: bare,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toContain('needs the package libsql');
  expect(stdout).toContain('use a "postgres://…" store, or "off"');
});
