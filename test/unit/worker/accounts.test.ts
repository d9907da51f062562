import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { loadAccounts } from '../../../src/worker/accounts.js';

const ENV = { BETA_TOKEN: ' beta-secret\n', EMPTY: ' ' };
const ACME = { region: 'us-1', tokenFile: 'acme.token' };

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'accounts-'));
  path = join(folder, 'accounts.json');
  writeFileSync(join(folder, 'acme.token'), 'acme-secret\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(content: unknown) {
  writeFileSync(path, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return loadAccounts(path, ENV);
}

test('each account has its endpoint and its token, from a file beside the list or from a variable', () => {
  const { accounts, problems } = load({
    acme: ACME,
    'beta-2_x.y': { baseUrl: 'http://localhost:1/', tokenEnv: 'BETA_TOKEN' },
    absolute: { region: 'euw-1', tokenFile: join(folder, 'acme.token') },
  });
  expect(problems).toEqual([]);
  expect(accounts.map(({ token, ...account }) => ({ ...account, token: token({ afterRejection: false }) }))).toEqual([
    {
      name: 'acme',
      baseUrl: 'https://api.us-1.platform.polyai.app',
      token: 'acme-secret',
      tokenSource: 'the token of account "acme" (its token file)',
    },
    {
      name: 'beta-2_x.y',
      baseUrl: 'http://localhost:1',
      token: 'beta-secret',
      tokenSource: 'the token of account "beta-2_x.y" (the variable BETA_TOKEN)',
    },
    {
      name: 'absolute',
      baseUrl: 'https://api.euw-1.platform.polyai.app',
      token: 'acme-secret',
      tokenSource: 'the token of account "absolute" (its token file)',
    },
  ]);
});

test.each<[string, unknown, RegExp]>([
  ['a region that is none', { acme: { ...ACME, region: 'mars' } }, /^acme\.region: must be one of us-1, uk-1, euw-1$/],
  ['two endpoints', { acme: { ...ACME, baseUrl: 'https://x.example' } }, /^acme: needs either region or baseUrl$/],
  ['no endpoint', { acme: { tokenFile: 'acme.token' } }, /^acme: needs either region or baseUrl$/],
  ['http', { acme: { baseUrl: 'http://x.example', tokenEnv: 'A' } }, /^acme\.baseUrl: is not usable: .*https/],
  ['no token', { acme: { region: 'us-1' } }, /^acme: needs either tokenFile or tokenEnv$/],
  ['two tokens', { acme: { ...ACME, tokenEnv: 'BETA_TOKEN' } }, /^acme: needs either tokenFile or tokenEnv$/],
  [
    'a token in it',
    { acme: { region: 'us-1', token: 'secret-123' } },
    /^acme\.token: must not be in this file: .*tokenFile/,
  ],
  ['an unknown field', { acme: { ...ACME, regoin: 'us-1' } }, /^acme: has unknown fields \(regoin\); known are/],
  ['no token file', { acme: { ...ACME, tokenFile: 'secret-123' } }, /^acme\.tokenFile: .*cannot be read \(ENOENT\)$/],
  ['a folder for a token file', { acme: { ...ACME, tokenFile: '.' } }, /^acme\.tokenFile: .*is not a file/],
  ['a variable not set', { a: { region: 'us-1', tokenEnv: 'secret123' } }, /^a\.tokenEnv: .*variable that is not set$/],
  ['an empty variable', { a: { region: 'us-1', tokenEnv: 'EMPTY' } }, /^a\.tokenEnv: .*not set$/],
  ['no variable', { a: { region: 'us-1', tokenEnv: 'secret-123' } }, /^a\.tokenEnv: must be the name of an env/],
  ['a number', { a: { region: 'us-1', tokenFile: 7 } }, /^a\.tokenFile: must be the path of a file$/],
  ['text for an account', { acme: 'secret-123' }, /^acme: must be an object such as \{ "region"/],
  ['a list for an account', { acme: ['secret-123'] }, /^acme: must be an object such as/],
  ['a name with a space', { 'secret-123 x': ACME }, /^\(an account\): its name must be letters, digits/],
  ['an empty name', { '': ACME }, /^\(an account\): its name must be/],
  ['a name that is too long', { ['x'.repeat(65)]: ACME }, /^\(an account\): its name must be .*at most 64/],
  ['a list', [ACME], /^the file must contain one object such as/],
  ['text', '"secret-123"', /^the file must contain one object/],
  ['no JSON', '{ "acme": secret-123', /^the file is not JSON: line 1, column 11$/],
  ['nothing', '', /^the file is not JSON: line 1, column 1$/],
  ['UTF-16', Buffer.from('\ufeff{"acme":"secret-123"}', 'utf16le'), /^the file is not UTF-8 text: save it as UTF-8$/],
  [
    'an account twice',
    `{"acme": ${JSON.stringify(ACME)},\n"acme": ${JSON.stringify(ACME)}}`,
    /^acme: is listed twice, again in line 2$/,
  ],
  [
    'a field twice',
    '{"acme": {"region": "us-1",\n"tokenFile": "acme.token",\n"region": "uk-1"}}',
    /^acme: has region twice, again in line 3$/,
  ],
  ['no account', {}, /^the file lists no account/],
])(
  'a file with %s has one problem, reported with its place and without what may be a token',
  (_what, content, problem) => {
    const { problems } = load(content);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toMatch(/secret-?123/);
  },
);

test('a byte order mark, as some editors write it, is skipped', () => {
  const { accounts, problems } = load(`\ufeff${JSON.stringify({ acme: ACME })}`);
  expect(problems).toEqual([]);
  expect(accounts.map(({ name }) => name)).toEqual(['acme']);
});

test('a duplicate whose name may be a token is not shown', () => {
  const { problems } = load('{"secret-123 x": {"secret-123": 1, "secret-123": 2}, "secret-123 x": {}}');
  expect(problems).toEqual(
    expect.arrayContaining([
      '(an account): is listed twice, again in line 1',
      '(an account): has a field twice, again in line 1',
    ]),
  );
});

test('a file that is not there, or is a folder, is told as such', () => {
  expect(loadAccounts(join(folder, 'nowhere'), ENV).problems).toEqual(['the file cannot be read (ENOENT)']);
  mkdirSync(path);
  expect(loadAccounts(path, ENV).problems).toEqual(['the file cannot be read (EISDIR)']);
});

test('all problems of all accounts are told, and the good ones are there', () => {
  const { accounts, problems } = load({
    acme: { region: 'mars', tokenFile: 7 },
    good: ACME,
    '__proto__ ': {},
    constructor: { region: 'us-1', tokenEnv: 'BETA_TOKEN' },
  });
  expect(problems.length).toBeGreaterThanOrEqual(3);
  expect(accounts.map(({ name }) => name)).toEqual(['good', 'constructor']);
});
