import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { hasPolyAiAccess, loadWorkerConfig } from '../../../src/worker/config.js';
import { problemsOf } from '../../support/configuration-problems.js';

const TOKEN = 'tok-5f0c9a';

let folder: string;
let tokenPath: string;
let accountsPath: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'accounts-'));
  tokenPath = join(folder, 'token');
  accountsPath = join(folder, 'accounts.json');
  writeFileSync(tokenPath, `${TOKEN}\n`);
  writeFileSync(accountsPath, JSON.stringify({ acme: { region: 'uk-1', tokenFile: 'token' } }));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the token can be in a file', () => {
  const { accounts } = loadWorkerConfig({ POLYAI_AUTH_TOKEN_FILE: ` ${tokenPath} `, POLYAI_REGION: 'us-1' });
  expect(accounts).toHaveLength(1);
  expect(accounts[0]).toMatchObject({ name: undefined, tokenSource: 'POLYAI_AUTH_TOKEN_FILE' });
  expect(accounts[0]?.token({ afterRejection: false })).toBe(TOKEN);
});

test('accounts in a file need no default account beside them', () => {
  const { accounts } = loadWorkerConfig({ POLYAI_ACCOUNTS_FILE: accountsPath });
  expect(accounts).toMatchObject([{ name: 'acme', baseUrl: 'https://api.uk-1.platform.polyai.app' }]);
});

test('the default account comes first, then those of the file', () => {
  const env = { POLYAI_AUTH_TOKEN: TOKEN, POLYAI_REGION: 'us-1', POLYAI_ACCOUNTS_FILE: accountsPath };
  expect(loadWorkerConfig(env).accounts.map(({ name }) => name)).toEqual([undefined, 'acme']);
});

test('an incomplete default account is a problem, with accounts beside it too', () => {
  expect(problemsOf({ POLYAI_AUTH_TOKEN: TOKEN, POLYAI_ACCOUNTS_FILE: accountsPath })).toEqual([
    expect.stringContaining('set POLYAI_REGION'),
  ]);
  expect(problemsOf({ POLYAI_REGION: 'us-1', POLYAI_ACCOUNTS_FILE: accountsPath })).toEqual([
    expect.stringContaining('POLYAI_AUTH_TOKEN is not set'),
  ]);
});

test('a token and a file for it are one too many', () => {
  const env = { POLYAI_AUTH_TOKEN: TOKEN, POLYAI_AUTH_TOKEN_FILE: tokenPath, POLYAI_REGION: 'us-1' };
  expect(problemsOf(env)).toEqual(['POLYAI_AUTH_TOKEN and POLYAI_AUTH_TOKEN_FILE are both set; keep one']);
});

test('a token file that is not there is named by its variable, without its value, which may be a token', () => {
  const problems = problemsOf({ POLYAI_AUTH_TOKEN_FILE: TOKEN, POLYAI_REGION: 'us-1' });
  expect(problems).toEqual([expect.stringMatching(/^POLYAI_AUTH_TOKEN_FILE is not usable: .*\(ENOENT\)/)]);
  expect(problems.join()).not.toContain(TOKEN);
});

test('problems of the accounts file are told with those of the environment', () => {
  writeFileSync(accountsPath, JSON.stringify({ acme: { region: 'mars', tokenFile: 'token' } }));
  const problems = problemsOf({ POLYAI_ACCOUNTS_FILE: accountsPath, POLYAI_CALLS_AT_ONCE: 'many' });
  expect(problems).toEqual([
    'POLYAI_ACCOUNTS_FILE, acme.region: must be one of us-1, uk-1, euw-1',
    expect.stringMatching(/^POLYAI_CALLS_AT_ONCE/),
  ]);
});

test('each way to name the real API and a token keeps `dev` from the simulator', () => {
  expect(hasPolyAiAccess({ POLYAI_AUTH_TOKEN: TOKEN, POLYAI_REGION: 'us-1' })).toBe(true);
  expect(hasPolyAiAccess({ POLYAI_AUTH_TOKEN_FILE: tokenPath, POLYAI_BASE_URL: 'https://x' })).toBe(true);
  expect(hasPolyAiAccess({ POLYAI_ACCOUNTS_FILE: accountsPath })).toBe(true);
  expect(hasPolyAiAccess({ POLYAI_AUTH_TOKEN_FILE: tokenPath })).toBe(false);
  expect(hasPolyAiAccess({})).toBe(false);
});
