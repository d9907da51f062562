import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest';

import { checkApiClock, checkPolyAi, findingOfSkew, skewOf } from '../../../../src/cli/doctor/polyai.js';
import { type Simulator, startSimulator } from '../../../../src/simulator.js';

const TOKEN = 'the-right-token';
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ token: TOKEN });
});
afterEach(() => simulator.setFault(undefined));
afterAll(() => simulator.close());

const check = ({ baseUrl = simulator.url, token = TOKEN, requestTimeoutMs = 10_000 } = {}) =>
  checkPolyAi({ baseUrl, token, requestTimeoutMs, tokenSource: 'POLYAI_AUTH_TOKEN' }, new AbortController().signal);

test('an accepted token is ok, and costs one request for a call that does not exist', async () => {
  const before = simulator.requests.length;
  expect(await check()).toEqual({ state: 'ok', found: `${simulator.url} accepts the token` });
  expect(simulator.requests.length - before).toBe(1);
});

test('a rejected token is a failure that names its source and does not show the token', async () => {
  const finding = await check({ token: 'a-wrong-token' });
  expect(finding).toMatchObject({
    state: 'failure',
    remedy: expect.stringContaining('renew POLYAI_AUTH_TOKEN') as string,
  });
  expect(finding.found).toContain('rejects the token: PolyAI answered 401');
  expect(JSON.stringify(finding)).not.toContain('a-wrong-token');
});

test.each([
  [{ kind: 'status', status: 503 } as const, 'failure', /answered 503/],
  [{ kind: 'reset' } as const, 'failure', /connection error/],
  [{ kind: 'redirect', location: 'https://example.com' } as const, 'failure', /not PolyAI, or a proxy answers/],
  [{ kind: 'body', body: { hello: 'world' } } as const, 'failure', /does not match the API's contract.*not PolyAI/],
  [{ kind: 'status', status: 429 } as const, 'warning', /429.*not known/],
  [{ kind: 'status', status: 400 } as const, 'warning', /400.*not known/],
])('an API that answers %j is a %s', async (fault, state, found) => {
  simulator.setFault(fault);
  const finding = await check();
  expect(finding.state).toBe(state);
  expect(finding.found).toMatch(found);
  expect(finding.remedy).toMatch(/POLYAI_/);
});

test('an API that does not answer is a failure after the request timeout', async () => {
  simulator.setFault({ kind: 'hang' });
  const finding = await check({ requestTimeoutMs: 50 });
  expect(finding).toMatchObject({
    state: 'failure',
    found: expect.stringContaining('no answer within 50 ms') as string,
  });
  expect(finding.remedy).toMatch(/POLYAI_/);
});

test('a server that cannot be reached is a failure with the variables to check', async () => {
  const finding = await check({ baseUrl: 'http://127.0.0.1:1' });
  expect(finding).toMatchObject({ state: 'failure', found: expect.stringContaining('ECONNREFUSED') as string });
  expect(finding.remedy).toContain('POLYAI_REGION or POLYAI_BASE_URL');
});

test('a web server without that path is not mistaken for the API', async () => {
  const server = createServer((_, response) => response.writeHead(404).end('<h1>not found</h1>'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const finding = await check({ baseUrl: `http://127.0.0.1:${port}` });
  expect(finding).toMatchObject({ state: 'warning', found: expect.stringContaining('another server') as string });
});

const signal = new AbortController().signal;

/** A server whose clock is wrong. */
async function serverAt(headers: () => Record<string, string>): Promise<{ url: string; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.sendDate = false;
    response.writeHead(404, headers()).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const dateIn = (ms: number) => new Date(Date.now() + ms).toUTCString();

test('the clock of an API that runs on this machine agrees', async () => {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  expect(await checkApiClock(simulator.url, signal)).toMatchObject({ state: 'ok' });
});

test.each([
  [20_000, 'warning', /clock is (1[0-9]|2[0-1]) s behind the API's/],
  [-20_000, 'warning', /clock is (1[0-9]|2[0-1]) s ahead of the API's/],
  [3_600_000, 'failure', /clock is .*min.* behind the API's|clock is 1 h.* behind the API's/],
  [-3_600_000, 'failure', /clock is .*min.* ahead of the API's|clock is 1 h.* ahead of the API's/],
])('an API %d ms ahead of this machine is a %s', async (ms, state, found) => {
  const { url } = await serverAt(() => ({ date: dateIn(ms) }));
  const finding = await checkApiClock(url, signal);
  expect(finding.state).toBe(state);
  expect(finding.found).toMatch(found);
});

test('the age of an answer from a cache is not skew', async () => {
  const { url } = await serverAt(() => ({ date: dateIn(-600_000), age: '600' }));
  expect(await checkApiClock(url, signal)).toMatchObject({ state: 'ok' });
});

test('the clock is not checked without a date or without an answer', async () => {
  const { url } = await serverAt(() => ({}));
  expect(await checkApiClock(url, signal)).toEqual({
    state: 'not-checked',
    found: `because ${url} answers without a date`,
  });
  expect(await checkApiClock('http://127.0.0.1:1', signal)).toMatchObject({
    state: 'not-checked',
    found: expect.stringContaining('http://127.0.0.1:1 does not answer') as string,
  });
});

test('the clock check sends no token', async () => {
  const { url, seen } = await serverAt(() => ({ date: dateIn(0) }));
  await checkApiClock(url, signal);
  expect(seen).toHaveLength(1);
  expect(Object.keys(seen[0]!).filter((name) => /token|authorization/.test(name))).toEqual([]);
});

const NOW = Date.UTC(2026, 0, 15, 12);
/** A clock that shows what this machine's did in the middle of the reading, and `aheadMs` less. */
const reading = (aheadMs: number, { tookMs = 0 } = {}) => ({
  beforeMs: NOW,
  afterMs: NOW + tookMs,
  fromMs: NOW + tookMs / 2 - aheadMs,
  toMs: NOW + tookMs / 2 - aheadMs,
});

describe('the skew of a clock', () => {
  it('is positive when this machine is ahead, negative when it is behind', () => {
    expect(skewOf(reading(7_000))).toBe(7_000);
    expect(skewOf(reading(-7_000))).toBe(-7_000);
  });

  it('is the least that is certain, given the duration of the request and the precision of the other clock', () => {
    expect(skewOf(reading(7_000, { tookMs: 2_000 }))).toBe(6_000);
    expect(skewOf(reading(-7_000, { tookMs: 2_000 }))).toBe(-6_000);
    expect(skewOf({ beforeMs: NOW, afterMs: NOW, fromMs: NOW - 999, toMs: NOW })).toBe(0);
  });

  it.each([
    [0, 'ok'],
    [5_000, 'ok'],
    [-5_000, 'ok'],
    [5_001, 'warning'],
    [-60_000, 'warning'],
    [60_001, 'failure'],
    [-3_600_000, 'failure'],
  ])('of %d ms is %s', (skewMs, state) => {
    expect(findingOfSkew(skewMs).state).toBe(state);
  });

  it('is reported with its direction and a remedy', () => {
    expect(findingOfSkew(skewOf(reading(90_000)))).toEqual({
      state: 'failure',
      found: "this machine's clock is 1 min 30 s ahead of the API's",
      remedy: expect.stringContaining('timedatectl set-ntp true') as string,
    });
    expect(findingOfSkew(skewOf(reading(-8_000))).found).toBe("this machine's clock is 8 s behind the API's");
  });
});
