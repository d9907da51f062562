import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { createDispatcher } from '../../../src/polyai/connections.js';
import { sendRequest } from '../../../src/polyai/http.js';
import { RequestLimiter } from '../../../src/polyai/limiter.js';
import { selfSigned } from '../../support/self-signed-certificate.js';
import { answering, clientUnderTest, errorOf, everythingIn, tinyServer } from './client-under-test.js';

const QUEUED = '{"status":"queued","reason":""}';
const TOKEN = 'tok-5f0c9a';

beforeEach(() => {
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy']) {
    vi.stubEnv(name, undefined);
  }
  onTestFinished(() => void vi.unstubAllEnvs());
});

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A proxy that leads every tunnel to one port of this machine, or answers with a status. */
async function startProxy({ port, status }: { readonly port?: number; readonly status?: number }) {
  const asked: IncomingMessage[] = [];
  let sent = '';
  const proxy = createServer((request, response) => {
    asked.push(request);
    response.writeHead(400).end();
  });
  proxy.on('connect', (request: IncomingMessage, socket: Duplex) => {
    asked.push(request);
    socket.on('error', () => undefined);
    if (port === undefined) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket);
      socket.on('data', (chunk: Buffer) => (sent += chunk.toString('latin1')));
      socket.pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
  });
  return { url: `http://127.0.0.1:${await portOf(proxy)}`, asked, sent: () => sent };
}

async function startApi() {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  onTestFinished(() => void vi.restoreAllMocks());
  return await portOf(createTlsServer(selfSigned(), (_request, response) => response.end(QUEUED)));
}

test.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY'])(
  'an https API is reached through a tunnel of the proxy in %s, which sees no token',
  async (name) => {
    const proxy = await startProxy({ port: await startApi() });
    vi.stubEnv(name, proxy.url);
    const client = clientUnderTest({ baseUrl: 'https://api.polyai.test', token: TOKEN });
    expect(await client.getCallStatus('OUT-1')).toMatchObject({ status: 'queued' });
    expect(await client.getCallStatus('OUT-1')).toMatchObject({ status: 'queued' });
    const asked = proxy.asked.map(({ method, url }) => `${method} ${url}`);
    expect(new Set(asked)).toEqual(new Set(['CONNECT api.polyai.test:443']));
    expect(JSON.stringify(proxy.asked.map(({ rawHeaders }) => rawHeaders))).not.toContain(TOKEN);
    expect(proxy.sent().length).toBeGreaterThan(0);
    expect(proxy.sent()).not.toContain(TOKEN);
  },
);

test('user and password of the proxy are sent to it, and stand in no error', async () => {
  const proxy = await startProxy({ status: 407 });
  vi.stubEnv('HTTPS_PROXY', proxy.url.replace('//', '//me:s3cret@'));
  const client = clientUnderTest({ baseUrl: 'https://api.polyai.test', token: TOKEN });
  const error = await errorOf(client.getCallStatus('OUT-1'));
  expect(error).toMatchObject({ kind: 'PolyAiUnavailable', retryable: true });
  expect(error.message).toContain('Proxy response (407)');
  expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(`Basic ${btoa('me:s3cret')}`);
  expect(everythingIn(error)).not.toContain('s3cret');
});

test('an API that NO_PROXY names is reached without the proxy', async () => {
  const proxy = await startProxy({ status: 403 });
  vi.stubEnv('HTTPS_PROXY', proxy.url);
  vi.stubEnv('NO_PROXY', 'example.com,.polyai.test');
  const error = await errorOf(
    clientUnderTest({ baseUrl: 'https://api.polyai.test', token: TOKEN }).getCallStatus('OUT-1'),
  );
  expect(error).toMatchObject({ kind: 'PolyAiUnavailable' });
  expect(proxy.asked).toHaveLength(0);
});

test('loopback is never reached through a proxy, because the token would travel in clear', async () => {
  const proxy = await startProxy({ status: 403 });
  vi.stubEnv('HTTP_PROXY', proxy.url);
  vi.stubEnv('HTTPS_PROXY', proxy.url);
  const { url } = await answering(200, QUEUED);
  await expect(clientUnderTest({ baseUrl: url, token: TOKEN }).getCallStatus('OUT-1')).resolves.toMatchObject({
    status: 'queued',
  });
  expect(proxy.asked).toHaveLength(0);
});

test('a proxy that is not a URL is an error that names the variables and not their value', () => {
  vi.stubEnv('HTTPS_PROXY', 'me:s3cret@proxy');
  const create = () => clientUnderTest({ baseUrl: 'https://api.polyai.test', token: TOKEN });
  expect(create).toThrow(/^HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy/);
  expect(create).not.toThrow(/s3cret/);
});

test('hundreds of aborted requests have no more sockets than there may be connections', async () => {
  const server = await tinyServer(() => undefined);
  const dispatcher = createDispatcher(server.url, 32);
  onTestFinished(() => dispatcher.destroy());
  const limiter = new RequestLimiter({ maxConcurrentRequests: 32, maxRequestsPerSecond: Infinity });
  const before = sockets();
  let most = 0;
  const sendAndAbort = async (subject: string): Promise<void> => {
    const permit = await limiter.acquire({ subject });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 0);
    const request = { method: 'GET', origin: server.url, path: '/', headers: {}, timeoutMs: 10_000 } as const;
    await sendRequest(dispatcher, { ...request, signal: controller.signal }).catch(() => undefined);
    most = Math.max(most, sockets() - before);
    limiter.release(permit);
  };
  await Promise.all(Array.from({ length: 500 }, (_, i) => sendAndAbort(`OUT-${i}`)));
  // Both ends of each connection are in this process, and those that are closing.
  expect(most).toBeLessThan(32 * 4);
});

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
}
