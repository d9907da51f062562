import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';

import { checkApiClock } from '../../../../src/cli/doctor/clocks.js';
import { startSimulator } from '../../../../src/simulator.js';

const signal = new AbortController().signal;

/** A server whose clock is set wrong. */
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
  [20_000, 'warning', /clock is (19|20|21) s behind the API's/],
  [-20_000, 'warning', /clock is (18|19|20) s ahead of the API's/],
  [3_600_000, 'failure', /clock is .*min.* behind the API's|clock is 1 h.* behind the API's/],
  [-3_600_000, 'failure', /clock is .*min.* ahead of the API's|clock is 1 h.* ahead of the API's/],
])('an API %d ms ahead of this machine is a %s', async (ms, state, found) => {
  const { url } = await serverAt(() => ({ date: dateIn(ms) }));
  const finding = await checkApiClock(url, signal);
  expect(finding.state).toBe(state);
  expect(finding.found).toMatch(found);
});

test('an answer from a cache is no skew: it says how old it is', async () => {
  const { url } = await serverAt(() => ({ date: dateIn(-600_000), age: '600' }));
  expect(await checkApiClock(url, signal)).toMatchObject({ state: 'ok' });
});

test('an answer without a date, and no answer, are said to be what they are', async () => {
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

test('no token goes out for it', async () => {
  const { url, seen } = await serverAt(() => ({ date: dateIn(0) }));
  await checkApiClock(url, signal);
  expect(seen).toHaveLength(1);
  expect(Object.keys(seen[0]!).filter((name) => /token|authorization/.test(name))).toEqual([]);
});
