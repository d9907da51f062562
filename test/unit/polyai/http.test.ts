import { getEventListeners } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';

import { createDispatcher } from '../../../src/polyai/connections.js';
import { sendRequest } from '../../../src/polyai/http.js';
import type { Fault } from '../../../src/simulator.js';
import { waitFor } from '../../support/wait-for.js';
import { clientUnderTest, errorOf, simulatorAndClient, tinyServer } from './client-under-test.js';

/** The abort ends the request, not its timeout. */
const LONG_TIMEOUT = { requestTimeoutMs: 60_000 };
const SOON = { timeout: 20_000 };
const LATER_SUCCESS = { queuedMs: 0, callingMs: 0 };

test.each<Fault>([
  { kind: 'malformed' },
  { kind: 'body', body: {} },
  { kind: 'body', body: [] },
  { kind: 'body', body: null },
  { kind: 'body', body: 'success' },
  { kind: 'body', body: { status: '' } },
  { kind: 'body', body: { status: '   ' } },
  { kind: 'body', body: { status: 7 } },
  { kind: 'body', body: { status: null } },
  { kind: 'body', body: { status: ['success'] } },
  { kind: 'body', body: { status: 'x'.repeat(65) } },
  { kind: 'body', body: { status: 'success', reason: 5 } },
  { kind: 'body', body: { call_status: 'success' } },
  { kind: 'oversized' },
])('a 200 with the fault %j is InvalidResponse and retryable, and the next request succeeds', async (fault) => {
  const { simulator, client } = await simulatorAndClient();
  simulator.addCall('OUT-1', { ...LATER_SUCCESS, faults: [fault] });

  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'InvalidResponse', retryable: true });
  expect(await client.getCallStatus('OUT-1')).toEqual({ status: 'success', reason: '' });
});

test.each(['<html>Bad gateway</html>', '', 'null'])('a 200 with the body %j is InvalidResponse', async (body) => {
  const { url } = await tinyServer((_request, response) => response.end(body));
  const error = await errorOf(clientUnderTest({ baseUrl: url, token: 't0ken' }).getCallStatus('OUT-1'));
  expect(error).toMatchObject({ kind: 'InvalidResponse', retryable: true, httpStatus: 200 });
});

test('the connection of an endless response is closed', async () => {
  let written = 0;
  const server = await tinyServer((_request, response) => {
    const chunk = Buffer.alloc(16 * 1024, 'x');
    const writeMore = (): void => {
      while (!response.destroyed && response.write(chunk)) written += chunk.length;
      if (!response.destroyed) response.once('drain', writeMore);
    };
    writeMore();
  });
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', requestTimeoutMs: 10_000 });

  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'InvalidResponse' });

  await waitFor(() => expect(server.requests[0]?.socket.destroyed).toBe(true));
  expect(written).toBeLessThan(16 * 1024 * 1024); // what the sockets buffer, not more
});

test.each<Fault>([{ kind: 'reset' }, { kind: 'cut-off' }])(
  'the fault %j is PolyAiUnavailable and retryable, and the next request succeeds',
  async (fault) => {
    const { simulator, client } = await simulatorAndClient();
    simulator.addCall('OUT-1', { ...LATER_SUCCESS, faults: [fault] });

    const error = await errorOf(client.getCallStatus('OUT-1'));

    expect(error).toMatchObject({ kind: 'PolyAiUnavailable', retryable: true, httpStatus: undefined });
    expect(await client.getCallStatus('OUT-1')).toEqual({ status: 'success', reason: '' });
  },
);

test('a missing server is PolyAiUnavailable, and the error says why', async () => {
  const { simulator, client } = await simulatorAndClient();
  await simulator.close();
  const error = await errorOf(client.getCallStatus('OUT-1'));
  expect(error).toMatchObject({ kind: 'PolyAiUnavailable', retryable: true });
  expect(error.message).toContain('ECONNREFUSED');
});

test('a hanging server is PolyAiUnavailable after the request timeout, and not before', async () => {
  const { simulator, client } = await simulatorAndClient({}, { requestTimeoutMs: 300 });
  simulator.addCall('OUT-1', { ...LATER_SUCCESS, faults: [{ kind: 'hang' }] });

  const startedAt = performance.now();
  const error = await errorOf(client.getCallStatus('OUT-1'));
  const tookMs = performance.now() - startedAt;

  expect(error).toMatchObject({ kind: 'PolyAiUnavailable', retryable: true });
  expect(error.message).toContain('300 ms');
  expect(tookMs).toBeGreaterThanOrEqual(295);
  expect(tookMs).toBeLessThan(10_000);
  await waitFor(() => expect(simulator.requestsFor('OUT-1')[0]?.status).toBe('dropped'));
  const patient = clientUnderTest({ baseUrl: simulator.url, token: simulator.token });
  expect((await patient.getCallStatus('OUT-1')).status).toBe('success');
});

test('the request timeout bounds the whole response, also when it arrives slowly', async () => {
  const server = await tinyServer((_request, response) => {
    const timer = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(timer));
  });
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', requestTimeoutMs: 300 });

  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'PolyAiUnavailable' });

  await waitFor(() => expect(server.requests[0]?.socket.destroyed).toBe(true));
});

test('aborting rejects with the signal’s reason and ends the request on its socket', SOON, async () => {
  const { simulator, client } = await simulatorAndClient({}, LONG_TIMEOUT);
  simulator.addCall('OUT-1', { faults: [{ kind: 'hang' }] });
  const controller = new AbortController();
  const asking = client.getCallStatus('OUT-1', { signal: controller.signal });
  await waitFor(() => expect(simulator.requestsFor('OUT-1')[0]?.status).toBe('pending'));

  const reason = new Error('the worker shuts down');
  controller.abort(reason);

  await expect(asking).rejects.toBe(reason);
  await waitFor(() => expect(simulator.requestsFor('OUT-1')[0]?.status).toBe('dropped'));
});

test('aborting while the body arrives closes the connection', SOON, async () => {
  const server = await tinyServer((_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('{"status":');
  });
  const controller = new AbortController();
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', ...LONG_TIMEOUT });
  const asking = client.getCallStatus('OUT-1', { signal: controller.signal });
  await waitFor(() => expect(server.requests).toHaveLength(1));
  setTimeout(() => controller.abort('enough'), 50);

  await expect(asking).rejects.toBe('enough');
  await waitFor(() => expect(server.requests[0]?.socket.destroyed).toBe(true));
});

test('an aborted signal prevents the request', async () => {
  const { simulator, client } = await simulatorAndClient();
  const reason = new Error('too late');
  await expect(client.getCallStatus('OUT-1', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(simulator.requests).toHaveLength(0);
});

test('aborting ends a request that waits for its token', SOON, async () => {
  const { simulator, client } = await simulatorAndClient({}, { token: () => new Promise<string>(() => undefined) });
  const controller = new AbortController();
  const asking = client.getCallStatus('OUT-1', { signal: controller.signal });
  const reason = new Error('the worker shuts down');
  controller.abort(reason);
  await expect(asking).rejects.toBe(reason);
  expect(simulator.requests).toHaveLength(0);
});

test('requests leave no listener on their signal', async () => {
  const { simulator, client } = await simulatorAndClient();
  simulator.addCall('OUT-1');
  const { signal } = new AbortController();
  for (let i = 0; i < 5; i += 1) await client.getCallStatus('OUT-1', { signal });
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('a request that is aborted or times out before it has a connection rejects at once, and is never sent', async () => {
  const server = await tinyServer(({ url }, response) => setTimeout(() => response.end(url), 200));
  const agent = createDispatcher(server.url, 1);
  onTestFinished(() => agent.close());
  const send = (path: string, timeoutMs: number, signal?: AbortSignal) =>
    sendRequest(agent, {
      method: 'GET',
      origin: server.url,
      path,
      headers: {},
      timeoutMs,
      signal,
    });
  const controller = new AbortController();

  const first = send('/first', 5_000);
  const aborted = send('/aborted', 5_000, controller.signal);
  const late = errorOf(send('/late', 50));
  const next = send('/next', 5_000);
  await waitFor(() => expect(server.requests).toHaveLength(1));
  controller.abort('enough');

  await expect(aborted).rejects.toBe('enough');
  expect(await late).toMatchObject({ kind: 'PolyAiUnavailable' });
  expect((await first).body).toBe('/first');
  expect((await next).body).toBe('/next');
  expect(server.requests.map(({ url }) => url)).toEqual(['/first', '/next']);
});
