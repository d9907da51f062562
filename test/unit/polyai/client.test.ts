import { expect, onTestFinished, test, vi } from 'vitest';

import { PolyAiClient } from '../../../src/polyai/client.js';
import { MAX_TOKEN_WAIT_MS } from '../../../src/polyai/credentials.js';
import { waitFor } from '../../support/wait-for.js';
import { answering, clientUnderTest, errorOf, simulatorAndClient, tinyServer } from './client-under-test.js';

const QUEUED = '{"status":"queued","reason":""}';

test('a status request is a GET of the contract’s path, with the token in the contract’s header and no body', async () => {
  const server = await answering(200, QUEUED);
  await clientUnderTest({ baseUrl: `${server.url}/`, token: 't0ken' }).getCallStatus('OUT-a_B-1');

  const [request] = server.requests;
  expect(request).toMatchObject({ method: 'GET', url: '/v1/outbound-calling/OUT-a_B-1/status' });
  expect(request?.headers).toMatchObject({ 'x-polyai-auth-token': 't0ken', accept: 'application/json' });
  expect(request?.headers).not.toHaveProperty('content-type');
  expect(request?.headers).not.toHaveProperty('content-length');
  expect(request?.headers).not.toHaveProperty('authorization');
});

test('the path of the base URL precedes the contract’s path', async () => {
  const server = await answering(200, QUEUED);
  await clientUnderTest({ baseUrl: `${server.url}/proxy/`, token: 't0ken' }).getCallStatus('OUT-1');
  expect(server.requests[0]?.url).toBe('/proxy/v1/outbound-calling/OUT-1/status');
});

test.each(['', 'OUT-', 'CA-1', 'OUT-a/../../x', 'OUT-a?b', 'OUT-a b', `OUT-${'x'.repeat(125)}`])(
  'the call SID %j is rejected without a request, a connection or a read of the token',
  async (callSid) => {
    const server = await answering(200, QUEUED);
    const token = vi.fn(() => 't0ken');
    const error = await errorOf(clientUnderTest({ baseUrl: server.url, token }).getCallStatus(callSid));
    expect(error).toMatchObject({ kind: 'InvalidCallSid', retryable: false, httpStatus: undefined });
    expect(server.connections()).toBe(0);
    expect(token).not.toHaveBeenCalled();
  },
);

// Two, not one: undici frees a connection a moment after the end of the body.
test('sequential requests use at most two connections, also after failures', async () => {
  let count = 0;
  const server = await tinyServer((_request, response) => {
    count += 1;
    response.writeHead(count % 3 === 0 ? 503 : 200).end(count % 3 === 0 ? '{"error":"busy"}' : QUEUED);
  });
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken' });
  for (let i = 0; i < 30; i += 1) await client.getCallStatus('OUT-1').catch(() => undefined);
  expect(server.requests).toHaveLength(30);
  expect(server.connections()).toBeLessThanOrEqual(2);
});

test('concurrent requests open at most 128 connections', async () => {
  const server = await tinyServer((_request, response) => setTimeout(() => response.end(QUEUED), 50));
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', requestTimeoutMs: 10_000 });
  await Promise.all(Array.from({ length: 200 }, () => client.getCallStatus('OUT-1')));
  expect(server.requests).toHaveLength(200);
  expect(server.connections()).toBeLessThanOrEqual(128);
});

test('closing waits for requests in progress and closes their connections', async () => {
  const server = await tinyServer((_request, response) => setTimeout(() => response.end(QUEUED), 100));
  const client = new PolyAiClient({ baseUrl: server.url, token: 't0ken' });
  const asking = client.getCallStatus('OUT-1');
  await waitFor(() => expect(server.requests).toHaveLength(1));
  await client.close();
  await expect(asking).resolves.toMatchObject({ status: 'queued' });
  await waitFor(() => expect(server.openConnections()).toBe(0));
});

test('a token function is called for each request, so the next request uses a new token', async () => {
  const { simulator, client } = await simulatorAndClient({ token: 'first' }, { token: () => current });
  let current = 'first';
  simulator.addCall('OUT-1');
  await client.getCallStatus('OUT-1');

  simulator.setToken('second');
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'Unauthorized', httpStatus: 401 });
  current = 'second';
  await expect(client.getCallStatus('OUT-1')).resolves.toMatchObject({ status: 'queued' });
});

test('a token function may be asynchronous, and white space around the token is removed', async () => {
  const server = await answering(200, QUEUED);
  await clientUnderTest({ baseUrl: server.url, token: async () => ' t0ken\n' }).getCallStatus('OUT-1');
  expect(server.requests[0]?.headers['x-polyai-auth-token']).toBe('t0ken');
});

test('a token function that returns no token in time fails the request as retryable', async () => {
  const { simulator, client } = await simulatorAndClient({}, { token: () => new Promise<string>(() => undefined) });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const error = errorOf(client.getCallStatus('OUT-1'));
  await vi.advanceTimersByTimeAsync(MAX_TOKEN_WAIT_MS);
  const { kind, retryable, message } = await error;
  expect({ kind, retryable }).toEqual({ kind: 'PolyAiUnavailable', retryable: true });
  expect(message).toContain('returned no token within 5 s');
  expect(simulator.requests).toHaveLength(0);
});

test.each(['', '  ', 'two words', 'line\nbreak', 'tökén', 'nul\0'])(
  'the token %j, which no header can carry, is Unauthorized without a request and is not shown',
  async (token) => {
    const server = await answering(200, QUEUED);
    const error = await errorOf(clientUnderTest({ baseUrl: server.url, token }).getCallStatus('OUT-1'));
    expect(error).toMatchObject({ kind: 'Unauthorized', retryable: false });
    if (token.trim() !== '') expect(error.message).not.toContain(token);
    expect(server.connections()).toBe(0);
  },
);

test.each([undefined, null, '', 7, Buffer.from('t0ken')])(
  'a token function that returns %j is Unauthorized at once, without a request',
  async (value) => {
    const server = await answering(200, QUEUED);
    const returned = value as unknown as string;
    for (const token of [() => returned, () => Promise.resolve(returned)]) {
      const error = await errorOf(clientUnderTest({ baseUrl: server.url, token }).getCallStatus('OUT-1'));
      expect(error).toMatchObject({ kind: 'Unauthorized', retryable: false });
      expect(error.message).toMatch(/^the PolyAI token/);
    }
    expect(server.connections()).toBe(0);
  },
);

test.each([undefined, null, 7])('a client is not created with the token %j', (token) => {
  const create = () => new PolyAiClient({ baseUrl: 'http://127.0.0.1:1', token: token as unknown as string });
  expect(create).toThrow(TypeError);
  expect(create).toThrow(/^token must be text or a function that returns it, not /);
});

test('a printed client does not show its token', () => {
  const client = clientUnderTest({ baseUrl: 'https://api.example.com', token: 'tok-5f0c9a' });
  expect(JSON.stringify(client)).not.toContain('tok-5f0c9a');
  expect(Object.values(client)).toEqual([]);
});
