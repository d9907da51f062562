import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';

import { checkPolyAi } from '../../../../src/cli/doctor/polyai.js';
import { type Simulator, startSimulator } from '../../../../src/simulator.js';

const TOKEN = 'the-right-token';
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ token: TOKEN });
});
afterEach(() => simulator.setFault(undefined));
afterAll(() => simulator.close());

const check = ({ baseUrl = simulator.url, token = TOKEN } = {}) =>
  checkPolyAi(
    { baseUrl, token, requestTimeoutMs: 1_000, tokenSource: 'POLYAI_AUTH_TOKEN' },
    new AbortController().signal,
  );

test('a token that the API takes is fine, and costs one request for a call that does not exist', async () => {
  const before = simulator.requests.length;
  expect(await check()).toEqual({ state: 'ok', found: `${simulator.url} accepts the token` });
  expect(simulator.requests.length - before).toBe(1);
});

test('a token that the API refuses names what holds it, and does not show it', async () => {
  const finding = await check({ token: 'a-wrong-token' });
  expect(finding).toMatchObject({
    state: 'failure',
    remedy: expect.stringContaining('renew POLYAI_AUTH_TOKEN') as string,
  });
  expect(finding.found).toContain('refuses the token: PolyAI answered 401');
  expect(JSON.stringify(finding)).not.toContain('a-wrong-token');
});

test.each([
  [{ kind: 'status', status: 503 } as const, 'failure', /answered 503/],
  [{ kind: 'reset' } as const, 'failure', /connection error/],
  [{ kind: 'hang' } as const, 'failure', /no answer within 1000 ms/],
  [{ kind: 'redirect', location: 'https://example.com' } as const, 'failure', /not PolyAI, or something stands before/],
  [{ kind: 'body', body: { hello: 'world' } } as const, 'failure', /does not match the API's contract.*not PolyAI/],
  [{ kind: 'status', status: 429 } as const, 'warning', /429.*not known/],
  [{ kind: 'status', status: 400 } as const, 'warning', /400.*not known/],
])('an API that answers with %j is a %s', async (fault, state, found) => {
  simulator.setFault(fault);
  const finding = await check();
  expect(finding.state).toBe(state);
  expect(finding.found).toMatch(found);
  expect(finding.remedy).toMatch(/POLYAI_/);
});

test('nobody at the address is told with the variables that hold it', async () => {
  const finding = await check({ baseUrl: 'http://127.0.0.1:1' });
  expect(finding).toMatchObject({ state: 'failure', found: expect.stringContaining('ECONNREFUSED') as string });
  expect(finding.remedy).toContain('POLYAI_REGION or POLYAI_BASE_URL');
});

test('a web server that knows nothing of the path is not taken for the API', async () => {
  const server = createServer((_, response) => response.writeHead(404).end('<h1>not found</h1>'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const finding = await check({ baseUrl: `http://127.0.0.1:${port}` });
  expect(finding).toMatchObject({ state: 'warning', found: expect.stringContaining('another server') as string });
});
