import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Libsql from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { checkOutcomeStore } from '../../../../src/cli/doctor/store.js';
import { openOutcomeStore } from '../../../../src/outcomes.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function makeStore(): Promise<string> {
  const url = `sqlite:${folder}/outcomes.sqlite`;
  await (await openOutcomeStore(url)).close();
  return url;
}

test('a store that a worker has created is ok, and empty afterwards', async () => {
  const url = await makeStore();
  expect(await checkOutcomeStore(url)).toEqual({ state: 'ok', found: `${url} can be read and written` });
  const store = await openOutcomeStore(url);
  const kept: unknown[] = [];
  for await (const outcome of store.list()) kept.push(outcome);
  await store.close();
  expect(kept).toEqual([]);
});

test('no store is a warning that names the loss and the variable to set', async () => {
  const finding = await checkOutcomeStore('off');
  expect(finding.state).toBe('warning');
  expect(finding.found).toContain('an outcome is lost unless');
  expect(finding.remedy).toContain('POLYAI_OUTCOMES_URL');
});

test('a missing file is a warning, and is not created', async () => {
  const finding = await checkOutcomeStore(`sqlite:${folder}/new/outcomes.sqlite`);
  expect(finding).toMatchObject({ state: 'warning', remedy: expect.stringContaining('start a worker') as string });
  expect(readdirSync(folder)).toEqual([]);
});

test('a file in place of the folder or of the database is a failure with the variable to check', async () => {
  writeFileSync(join(folder, 'file'), 'not a database, but long enough to be read as one'.repeat(100));
  const inFile = await checkOutcomeStore(`sqlite:${folder}/file/outcomes.sqlite`);
  expect(inFile).toMatchObject({ state: 'failure', remedy: expect.stringContaining('POLYAI_OUTCOMES_URL') as string });
  expect(inFile.found).toContain('is not a folder');
  const isFile = await checkOutcomeStore(`sqlite:${folder}/file`);
  expect(isFile).toMatchObject({ state: 'failure', remedy: expect.stringContaining('POLYAI_OUTCOMES_URL') as string });
  expect(isFile.found).toContain(`sqlite:${folder}/file`);
});

test('a store of a newer version of this package is a failure', async () => {
  const url = await makeStore();
  const Database = createRequire(import.meta.url)('libsql') as typeof Libsql;
  const db = new Database(join(folder, 'outcomes.sqlite'));
  db.exec('PRAGMA user_version = 1000');
  db.close();
  const finding = await checkOutcomeStore(url);
  expect(finding.state).toBe('failure');
  expect(finding.found).toContain('newer version');
});

test('a file without tables, which a worker is to create, is a warning, and is not changed', async () => {
  const file = join(folder, 'outcomes.sqlite');
  writeFileSync(file, '');
  const finding = await checkOutcomeStore(`sqlite:${file}`);
  expect(finding).toMatchObject({ state: 'warning', remedy: 'start a worker' });
  expect(finding.found).toContain('has no tables of this version yet');
  expect(readFileSync(file)).toHaveLength(0);
});

test('a database of another program is a failure', async () => {
  const file = join(folder, 'other.sqlite');
  const Database = createRequire(import.meta.url)('libsql') as typeof Libsql;
  const db = new Database(file);
  db.exec('CREATE TABLE notes (text); PRAGMA user_version = 1');
  db.close();
  expect(await checkOutcomeStore(`sqlite:${file}`)).toMatchObject({ state: 'failure' });
});

test('an unreachable PostgreSQL is a failure that does not show the password', async () => {
  const finding = await checkOutcomeStore('postgres://someone:pass-5417@127.0.0.1:1/outcomes');
  expect(finding.state).toBe('failure');
  expect(finding.found).toContain('127.0.0.1:1/outcomes');
  expect(JSON.stringify(finding)).not.toContain('pass-5417');
});

test('the check leaves no file beside the store', async () => {
  await checkOutcomeStore(await makeStore());
  expect(existsSync(join(folder, 'outcomes.sqlite'))).toBe(true);
  expect(readdirSync(folder).filter((name) => !name.startsWith('outcomes.sqlite'))).toEqual([]);
});
