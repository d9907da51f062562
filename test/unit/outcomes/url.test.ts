import { resolve } from 'node:path';
import { expect, test } from 'vitest';

import { DEFAULT_OUTCOMES_URL, openOutcomeStore, parseOutcomesUrl } from '../../../src/outcomes.js';
import { ConfigError, loadOutcomesUrl } from '../../../src/worker/config.js';

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
])('"%s" is refused with the forms there are, and not shown', async (url) => {
  const refusal = await openOutcomeStore(url).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(TypeError);
  expect((refusal as TypeError).message).toContain('"sqlite:path/to/file", "postgres://user:password@host/database"');
  expect((refusal as TypeError).message).not.toContain('s3cret');
});

test('the environment names the store, or leaves it to the default', () => {
  expect(loadOutcomesUrl({})).toBe(DEFAULT_OUTCOMES_URL);
  expect(loadOutcomesUrl({ POLYAI_OUTCOMES_URL: ' ' })).toBe(DEFAULT_OUTCOMES_URL);
  expect(loadOutcomesUrl({ POLYAI_OUTCOMES_URL: ' off\n' })).toBe('off');
  const load = (): string => loadOutcomesUrl({ POLYAI_OUTCOMES_URL: 'mysql://me:s3cret@db' });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/POLYAI_OUTCOMES_URL is not an outcomes URL: it must be "sqlite:(?!.*s3cret)/);
});
