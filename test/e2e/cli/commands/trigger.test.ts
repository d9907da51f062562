import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { type Simulator, startSimulator } from '../../../../src/simulator.js';
import { callCli } from '../../../support/call-cli.js';
import { CLI_PATH } from '../../../support/cli-process.js';

const NUMBER = '+14155550123';
const SID = /^OUT-[\w-]+\n$/;
const HAS_SCRIPT = existsSync('/usr/bin/script');

let simulator: Simulator;
const dialled: string[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ scriptFor: (toNumber) => void dialled.push(toNumber) });
});
afterAll(() => simulator.close());
beforeEach(() => void dialled.splice(0));

async function run(file: string, args: readonly string[], input: string) {
  const { PATH, HOME } = process.env;
  const child = spawn(file, args, { env: { PATH, HOME, ...access() }, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const access = () => ({ POLYAI_AUTH_TOKEN: simulator.token, POLYAI_BASE_URL: simulator.url });
const trigger = (args: readonly string[], input = '', env: Record<string, string> = {}) =>
  callCli(['trigger', ...args], { env: { ...access(), ...env }, input });

test('a number from stdin is dialled, and only the call SID is printed', async () => {
  const { code, stdout, stderr } = await run(process.execPath, [CLI_PATH, 'trigger', '--yes'], `${NUMBER}\n`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(SID);
  expect(dialled).toEqual([NUMBER]);
});

test('a number in any grouping is dialled, also a national one, from an option', async () => {
  const international = await trigger(['--yes', '--json', '--to', '+1 (415) 555-0123']);
  expect(JSON.parse(international.stdout)).toEqual({ callSid: expect.stringMatching(/^OUT-/) as string });
  const national = await trigger(['--yes', '--to', '020 7946 0018', '--country-code', 'gb', '--metadata', 'a=b=c']);
  expect(national).toMatchObject({ code: 0, stderr: '' });
  expect(dialled).toEqual([NUMBER, '02079460018']);
});

test('without a terminal and without --yes nothing is dialled', async () => {
  const { code, stdout, stderr } = await trigger([], NUMBER);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('nothing was done: cannot ask for confirmation');
  expect(dialled).toEqual([]);
});

test.each([
  {
    what: 'no number',
    args: ['--yes'],
    input: '',
    says: 'that is not a phone number: expected one such as +14155550123',
  },
  { what: 'a national number alone', args: ['--yes', '--to', '0415777888'], input: '', says: 'with --country-code' },
  { what: 'a wrong country', args: ['--country-code', 'GBR'], input: '', says: 'It must be two letters' },
  { what: 'wrong metadata', args: ['--metadata', 'campaign'], input: '', says: 'such as campaign=spring' },
  {
    what: 'an unknown account',
    args: ['--yes', '--account', 'acme'],
    input: NUMBER,
    says: 'there is no account "acme"',
  },
])('$what is wrong usage, and the number is not shown', async ({ args, input, says }) => {
  const { code, stdout, stderr } = await trigger(args, input);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(says);
  expect(stderr).not.toContain('777888');
  expect(dialled).toEqual([]);
});

test('a rejected token is told, without the number', async () => {
  const { code, stderr } = await trigger(['--yes'], NUMBER, { POLYAI_AUTH_TOKEN: 'wrong-token' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^temporal-polyai: not dialled: /);
  expect(stderr).not.toMatch(/4155550123|wrong-token/);
});

test('a call whose answer was lost may have been dialled', async () => {
  const server = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await trigger(['--yes'], NUMBER, { POLYAI_BASE_URL: `http://127.0.0.1:${port}` });
  server.close();
  expect(code).toBe(1);
  expect(stderr).toContain('the call may have been dialled, look in PolyAI before you trigger it again');
});

test.skipIf(!HAS_SCRIPT).each([
  { answer: 'y', code: 0, calls: [NUMBER] },
  { answer: 'n', code: 1, calls: [] },
  { answer: '', code: 1, calls: [] },
])('on a terminal the command asks before it dials; "$answer" is taken as it is', async ({ answer, code, calls }) => {
  const command = `'${process.execPath}' '${CLI_PATH}' trigger`;
  const { stdout, code: ended } = await run('script', ['-qec', command, '/dev/null'], `${NUMBER}\n${answer}\n`);
  expect(stdout).toContain('Dial the number that ends in 23, through http://127.0.0.1:');
  expect(ended).toBe(code);
  expect(dialled).toEqual(calls);
});
