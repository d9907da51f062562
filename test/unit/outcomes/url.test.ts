import { resolve } from 'node:path';
import { expect, test } from 'vitest';

import { DEFAULT_OUTCOMES_URL, openOutcomeStore, parseOutcomesUrl } from '../../../src/outcomes.js';
import { passwordsOf } from '../../../src/outcomes/url.js';

test.each([
  ['sqlite:data/outcomes.sqlite', resolve('data/outcomes.sqlite')],
  ['sqlite:/var/lib/outcomes.sqlite', '/var/lib/outcomes.sqlite'],
  [' SQLite:with space.db ', resolve('with space.db')],
  [DEFAULT_OUTCOMES_URL, resolve('.temporal-polyai/outcomes.sqlite')],
])('"%s" names the file %s', (url, path) => {
  expect(parseOutcomesUrl(url)).toEqual({ kind: 'sqlite', path, redactedUrl: `sqlite:${path}` });
});

test.each([
  ['postgres://me:s3cr%40t@db.example:6432/calls?sslmode=verify-full', 'postgresql://db.example:6432/calls'],
  ['postgresql://db.example/calls', 'postgresql://db.example/calls'],
  ['postgres://me:s3cr@/calls?host=/run/postgresql&port=5433', 'postgresql:///run/postgresql/calls'],
  ['postgres://me:s3cr@/calls', 'postgresql://localhost/calls'],
  ['postgres://me@db.example/calls?password=s3cr&user=me@corp', 'postgresql://db.example/calls'],
  ['postgres://me:s3cr@ignored/calls?host=db.example', 'postgresql://db.example/calls'],
  ['postgresql:///calls?host=/var/run/postgresql&password=s3cr', 'postgresql:///var/run/postgresql/calls'],
])('"%s" names a database, shown without credentials', (url, shown) => {
  expect(parseOutcomesUrl(url)).toEqual({ kind: 'postgres', url, redactedUrl: shown });
  expect(shown).not.toContain('s3cr');
});

test.each(['off', 'OFF', ' off '])('"%s" keeps nothing', async (url) => {
  expect(parseOutcomesUrl(url)).toEqual({ kind: 'off' });
  await expect(openOutcomeStore(url)).rejects.toThrow(TypeError);
});

test.each([
  '',
  'on',
  'outcomes.sqlite',
  'sqlite:',
  'sqlite::memory:',
  'sqlite://outcomes.sqlite',
  'mysql://me:s3cret@db/calls',
  'postgres:calls?password=s3cret',
  'postgres://me:s3cret@db:port/calls',
  'http://me:s3cret@db',
  'postgres://me:12#s3cret@db/calls',
  'postgres://me:12?s3cret@db/calls',
  'postgres://me:12?a=s3cret@db/calls',
  'postgres://me:12/s3cret@db/calls',
  'postgres://me:a@b?s3cret@db/calls',
  'postgres://me:a@b#s3cret@db/calls',
  'postgres://db/calls#s3cret',
])('"%s" is refused with the forms there are, and not shown', async (url) => {
  const refusal = await openOutcomeStore(url).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(TypeError);
  expect((refusal as TypeError).message).toContain('"sqlite:path/to/file", "postgres://user:password@host/database"');
  expect((refusal as TypeError).message).not.toContain('s3cret');
});

test.each([
  ['postgres://me:s3cr%40t@db/calls', ['s3cr%40t', 's3cr@t']],
  ['postgres://me:s3cret@/calls?host=/run', ['s3cret', 's3cret']],
  ['postgres://me@db/calls?password=s3cr%40t', ['s3cr@t']],
  ['sqlite:file', []],
])('the passwords of %s are known, to be redacted', (url, passwords) => {
  expect(passwordsOf(url)).toEqual(passwords);
});

test('a refusal says how to write a password', () => {
  expect(() => parseOutcomesUrl('postgres://me:12#s3cret@db/calls')).toThrow('write @ : / ? # % as %40');
});
