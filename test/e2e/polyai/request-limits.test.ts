import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';

import { PolyAiClient } from '../../../src/polyai/client.js';
import type { PolyAiClientOptions } from '../../../src/polyai/options.js';
import {
  answering,
  clientUnderTest,
  errorOf,
  simulatorAndClient,
  tinyServer,
} from '../../unit/polyai/client-under-test.js';
import { waitFor } from '../../support/wait-for.js';

const QUEUED = '{"status":"queued","reason":""}';
const LATER_SUCCESS = { queuedMs: 0, callingMs: 0 };

test.each<[Partial<PolyAiClientOptions>, typeof TypeError, RegExp]>([
  [{ maxConcurrentRequests: 0 }, RangeError, /maxConcurrentRequests must be a whole number from 1, not 0/],
  [{ maxConcurrentRequests: 1.5 }, RangeError, /maxConcurrentRequests/],
  [{ maxConcurrentRequests: Infinity }, RangeError, /maxConcurrentRequests/],
  [{ maxConcurrentRequests: '8' as unknown as number }, TypeError, /maxConcurrentRequests .* not a string/],
  [{ maxRequestsPerSecond: 0 }, RangeError, /maxRequestsPerSecond must be a number above 0, not 0/],
  [{ maxRequestsPerSecond: -1 }, RangeError, /maxRequestsPerSecond/],
  [{ maxRequestsPerSecond: NaN }, RangeError, /maxRequestsPerSecond/],
  [{ maxRequestsPerSecond: null as unknown as number }, TypeError, /maxRequestsPerSecond/],
])('the options %j are rejected, and the error says why', (options, type, why) => {
  const make = () => new PolyAiClient({ baseUrl: 'http://127.0.0.1:1', token: 't0ken', ...options });
  expect(make).toThrow(type);
  expect(make).toThrow(why);
});

test.each([
  [-1, RangeError],
  [NaN, RangeError],
  ['5s' as unknown as number, TypeError],
])('a maxWaitMs of %j is rejected without a request', async (maxWaitMs, type) => {
  const server = await answering(200, QUEUED);
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken' });
  await expect(client.getCallStatus('OUT-1', { maxWaitMs })).rejects.toThrow(type);
  expect(server.requests).toHaveLength(0);
});

test('maxConcurrentRequests bounds concurrent requests and connections, triggers included', async () => {
  let concurrent = 0;
  let most = 0;
  const server = await tinyServer((request, response) => {
    concurrent += 1;
    most = Math.max(most, concurrent);
    setTimeout(() => {
      concurrent -= 1;
      response.end(request.method === 'POST' ? '{"call_sid":"OUT-1"}' : QUEUED);
    }, 10);
  });
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', maxConcurrentRequests: 5 });
  const ask = (i: number) =>
    i % 4 === 0 ? client.triggerCall({ toNumber: '+14155552671' }) : client.getCallStatus(`OUT-${i}`);
  await Promise.all(Array.from({ length: 100 }, (_, i) => ask(i)));
  expect(server.requests).toHaveLength(100);
  expect(most).toBe(5);
  expect(server.connections()).toBe(5);
});

test('requests are sent in the order in which they were made', async () => {
  const server = await answering(200, QUEUED);
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', maxConcurrentRequests: 1 });
  const sids = Array.from({ length: 50 }, (_, i) => `OUT-${i}`);
  await Promise.all(sids.map((sid) => client.getCallStatus(sid)));
  expect(server.requests.map(({ url }) => url?.split('/')[3])).toEqual(sids);
});

test('maxRequestsPerSecond holds over seconds, for statuses and triggers together', async () => {
  const at: number[] = [];
  const server = await tinyServer((request, response) => {
    at.push(performance.now());
    response.end(request.method === 'POST' ? '{"call_sid":"OUT-1"}' : QUEUED);
  });
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', maxRequestsPerSecond: 40 });
  const ask = (i: number) =>
    i % 4 === 0 ? client.triggerCall({ toNumber: '+14155552671' }) : client.getCallStatus('OUT-1');
  // Not from the first arrival: a delayed one would make the others look too early.
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 100 }, (_, i) => ask(i)));
  const tookSeconds = (at.at(-1)! - startedAt) / 1_000;
  expect(100 / tookSeconds).toBeLessThan(43);
  // Room for a busy machine; \`fleet.ts\` measures it on a clock of its own.
  expect(100 / tookSeconds).toBeGreaterThan(4);
  const inFirstHalfSecond = at.filter((moment) => moment < startedAt + 500).length;
  expect(inFirstHalfSecond).toBeLessThanOrEqual(20 + 4 + 1); // and a burst of a tenth of a second
});

test('a waiting request can be aborted, and the next one is sent', async () => {
  const { simulator, client } = await simulatorAndClient({}, { maxConcurrentRequests: 1 });
  simulator.addCall('OUT-1', { ...LATER_SUCCESS, faults: [{ kind: 'hang' }] });
  simulator.addCall('OUT-3', LATER_SUCCESS);
  const ended = new AbortController();
  const hanging = client.getCallStatus('OUT-1', { signal: ended.signal }).catch(() => undefined);
  const controller = new AbortController();
  const waiting = client.getCallStatus('OUT-2', { signal: controller.signal });
  const next = client.getCallStatus('OUT-3');
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  ended.abort();
  await hanging;
  expect(await next).toMatchObject({ status: 'success' });
  expect(simulator.requestsFor('OUT-2')).toHaveLength(0);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('the timeout of a request starts when it is sent', async () => {
  const server = await tinyServer((_request, response) => setTimeout(() => response.end(QUEUED), 500));
  const options = { token: 't0ken', maxConcurrentRequests: 1, requestTimeoutMs: 5_000 };
  const client = clientUnderTest({ baseUrl: server.url, ...options });
  const startedAt = performance.now();
  const all = await Promise.all(Array.from({ length: 12 }, () => client.getCallStatus('OUT-1')));
  expect(all).toHaveLength(12);
  // The last one waited for longer than its timeout.
  expect(performance.now() - startedAt).toBeGreaterThan(5_500);
});

test('the token is read when the request is sent, not when it starts to wait', async () => {
  let current = 'first';
  const server = await tinyServer((_request, response) => setTimeout(() => response.end(QUEUED), 50));
  const client = clientUnderTest({ baseUrl: server.url, token: () => current, maxConcurrentRequests: 1 });
  const both = [client.getCallStatus('OUT-1'), client.getCallStatus('OUT-2')];
  await waitFor(() => expect(server.requests).toHaveLength(1));
  current = 'second';
  await Promise.all(both);
  expect(server.requests.map(({ headers }) => headers['x-polyai-auth-token'])).toEqual(['first', 'second']);
});

test('a request that waits for maxWaitMs because of the configured limit is not sent, and says so', async () => {
  const { simulator, client } = await simulatorAndClient({}, { maxRequestsPerSecond: 0.1 });
  simulator.addCall('OUT-1', LATER_SUCCESS);
  await client.getCallStatus('OUT-1');
  const startedAt = performance.now();
  const error = await errorOf(client.getCallStatus('OUT-1', { maxWaitMs: 200 }));
  expect(error).toMatchObject({ kind: 'PolyAiUnavailable', notSent: true, retryable: true, httpStatus: undefined });
  expect(error.message).toContain('own limit of');
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195);
  expect(simulator.requests).toHaveLength(1);
  expect(client.throttling).toBeUndefined();
});

test('a trigger that was not sent is retryable', async () => {
  const { simulator, client } = await simulatorAndClient({}, { maxRequestsPerSecond: 0.1 });
  await client.triggerCall({ toNumber: '+14155552671' });
  const error = await errorOf(client.triggerCall({ toNumber: '+14155552671' }, { maxWaitMs: 0 }));
  expect(error).toMatchObject({ notSent: true, retryable: true });
  expect(simulator.requests).toHaveLength(1);
});

test('no other error is notSent, also not for a token that cannot be read', async () => {
  const { simulator, client } = await simulatorAndClient();
  simulator.setFault({ kind: 'status', status: 503 });
  expect((await errorOf(client.getCallStatus('OUT-1'))).notSent).toBe(false);
  expect((await errorOf(client.getCallStatus('nonsense'))).notSent).toBe(false);
  const token = () => Promise.reject(new Error('no vault'));
  const blind = clientUnderTest({ baseUrl: simulator.url, token });
  expect(await errorOf(blind.getCallStatus('OUT-1'))).toMatchObject({ kind: 'PolyAiUnavailable', notSent: false });
});

test('closing rejects waiting requests, and lets those in progress finish', async () => {
  const server = await tinyServer((_request, response) => setTimeout(() => response.end(QUEUED), 100));
  const client = new PolyAiClient({ baseUrl: server.url, token: 't0ken', maxConcurrentRequests: 1 });
  const asking = client.getCallStatus('OUT-1');
  const waiting = errorOf(client.getCallStatus('OUT-2'));
  await waitFor(() => expect(server.requests).toHaveLength(1));
  await client.close();
  await expect(asking).resolves.toMatchObject({ status: 'queued' });
  expect(await waiting).toMatchObject({ kind: 'PolyAiUnavailable', notSent: false });
  expect((await errorOf(client.getCallStatus('OUT-3'))).message).toContain('closed');
});
