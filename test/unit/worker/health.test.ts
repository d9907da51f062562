import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { choosePorts } from '../../../src/playground/ports.js';
import { HealthServer } from '../../../src/worker/health.js';
import { waitFor } from '../../support/wait-for.js';

let health: HealthServer;
let address: string;

beforeEach(async () => {
  const [port] = await choosePorts('127.0.0.1', [undefined]);
  address = `127.0.0.1:${port}`;
  health = await HealthServer.open(address);
});
afterEach(async () => await health.close());

/** Watches a worker in this state whose connection answers like this. */
function watch(state: string, getSystemInfo: () => Promise<unknown>): void {
  const connection = { workflowService: { getSystemInfo }, withDeadline: (_: number, ask: () => unknown) => ask() };
  health.watch({ worker: { getState: () => state }, connection } as never);
}

/** On a connection of its own: those of `fetch` are shared, and so are its timers with what other files stub. */
async function get(path: string, method = 'GET'): Promise<[number | undefined, string]> {
  const sent = request(`http://${address}${path}`, { method, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return [response.statusCode, (await text(response)).trim()];
}

const reachable = () => Promise.resolve({});

test('a process whose worker is starting is alive, and not ready', async () => {
  expect(await get('/healthz')).toEqual([200, 'alive']);
  expect(await get('/readyz')).toEqual([503, 'the worker is starting']);
});

test('a running worker is ready while Temporal can be reached', async () => {
  watch('RUNNING', reachable);
  expect(await get('/readyz?verbose')).toEqual([200, 'ready']);
  expect((await get('/readyz', 'HEAD'))[0]).toBe(200);
});

test('a worker that is shutting down is alive, and not ready', async () => {
  watch('DRAINING', reachable);
  expect(await get('/readyz')).toEqual([503, 'the worker is DRAINING']);
  expect((await get('/healthz'))[0]).toBe(200);
});

test('a worker without Temporal is alive, and not ready until it can be reached again', async () => {
  watch('RUNNING', () => Promise.reject(new Error('connection refused\nat 127.0.0.1')));
  expect(await get('/readyz')).toEqual([503, expect.stringMatching(/^Temporal cannot be reached: connection refused/)]);
  expect((await get('/healthz'))[0]).toBe(200);
  watch('RUNNING', reachable);
  expect((await get('/readyz'))[0]).toBe(200);
});

test('requests that come together ask Temporal once', async () => {
  let asked = 0;
  let arrived = 0;
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const worker = {
    getState: () => {
      arrived += 1;
      return 'RUNNING';
    },
  };
  const getSystemInfo = (): Promise<void> => {
    asked += 1;
    return answered;
  };
  const connection = { workflowService: { getSystemInfo }, withDeadline: (_: number, ask: () => unknown) => ask() };
  health.watch({ worker, connection } as never);

  const responses = [get('/readyz'), get('/readyz')];
  await waitFor(() => expect(arrived).toBe(2));
  answer();
  expect(await Promise.all(responses)).toEqual([
    [200, 'ready'],
    [200, 'ready'],
  ]);
  expect(asked).toBe(1);
});

test('no other path and no other method is served', async () => {
  expect((await get('/'))[0]).toBe(404);
  expect((await get('/healthz', 'POST'))[0]).toBe(405);
});

test('an address that is in use is an error', async () => {
  await expect(HealthServer.open(address)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
