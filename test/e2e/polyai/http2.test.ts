import { expect, test, vi } from 'vitest';

import { selfSigned, senderTo, tlsServer } from '../../unit/polyai/tls-server.js';

const certificate = selfSigned();
const { cert } = certificate;
const many = (count: number) => Array.from({ length: count }, (_, i) => i);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('many requests at once share a few connections with a server that offers HTTP/2', async () => {
  const server = await tlsServer(certificate, 'http/2', ({ url }, response) => setTimeout(() => response.end(url), 20));
  const send = senderTo(server, cert);
  for (let round = 0; round < 3; round += 1) {
    const answers = await Promise.all(many(200).map((i) => send({ path: `/${i}` })));
    expect(answers.map(({ body }) => body)).toEqual(many(200).map((i) => `/${i}`));
  }
  expect(new Set(server.versions)).toEqual(new Set(['2.0']));
  expect(server.connections()).toBeLessThanOrEqual(4);
});

test('a server that speaks HTTP/1.1 alone gets one request at a time over each connection', async () => {
  const underWay = new Map<unknown, number>();
  const add = (socket: unknown, change: number): number => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + change);
    return underWay.get(socket)!;
  };
  let most = 0;
  const server = await tlsServer(certificate, 'http/1.1', ({ url, socket }, response) => {
    most = Math.max(most, add(socket, 1));
    setTimeout(() => {
      add(socket, -1);
      response.end(url);
    }, 20);
  });
  const send = senderTo(server, cert, { maxConnections: 10 });
  for (let round = 0; round < 2; round += 1) {
    const answers = await Promise.all(many(60).map((i) => send({ path: `/${i}` })));
    expect(answers.map(({ body }) => body)).toEqual(many(60).map((i) => `/${i}`));
  }
  expect(most).toBe(1);
  expect(new Set(server.versions)).toEqual(new Set(['1.1']));
  expect(server.connections()).toBeGreaterThan(4);
  expect(server.connections()).toBeLessThanOrEqual(14);
});

test('HTTP/2 is not spoken unless it is asked for', async () => {
  const server = await tlsServer(certificate, 'http/2', (_request, response) => response.end());
  await senderTo(server, cert, { http2: false })();
  expect(server.versions).toEqual(['1.1']);
});

test('what must not be sent twice goes over HTTP/1.1', async () => {
  const server = await tlsServer(certificate, 'http/2', (_request, response) => response.end());
  const send = senderTo(server, cert);
  await send();
  await send({ method: 'POST', body: '{}' });
  expect(server.versions).toEqual(['2.0', '1.1']);
});

test('aborting one request, or its time limit, leaves the others on its connection alone', async () => {
  let streamsClosed = 0;
  const server = await tlsServer(certificate, 'http/2', ({ url, stream }, response) => {
    if (url !== '/hang') setTimeout(() => response.end(url), 200);
    else stream.once('close', () => (streamsClosed += 1));
  });
  const send = senderTo(server, cert);
  await send();
  const connectionsBefore = server.connections();
  const controller = new AbortController();
  const aborted = send({ path: '/hang', signal: controller.signal });
  const late = send({ path: '/hang', timeoutMs: 100 });
  const others = Promise.all(many(30).map((i) => send({ path: `/${i}` })));
  setTimeout(() => controller.abort('enough'), 50);
  await expect(aborted).rejects.toBe('enough');
  await expect(late).rejects.toMatchObject({
    kind: 'PolyAiUnavailable',
    message: expect.stringContaining('100 ms') as string,
  });
  expect((await others).map(({ body }) => body)).toEqual(many(30).map((i) => `/${i}`));
  expect(server.connections()).toBe(connectionsBefore);
  await vi.waitFor(() => expect(streamsClosed).toBe(2));
});

test('an answer over 64 KiB is not read to its end over HTTP/2 either', async () => {
  const server = await tlsServer(certificate, 'http/2', ({ url }, response) =>
    response.end(url === '/long' ? 'x'.repeat(4 * 1024 * 1024) : 'short'),
  );
  const send = senderTo(server, cert);
  await expect(send({ path: '/long' })).rejects.toMatchObject({ kind: 'InvalidResponse' });
  expect((await send()).body).toBe('short');
});

test.each([
  ['is told to go away', 'goaway'],
  ['is closed', 'close'],
  ['is destroyed', 'destroy'],
] as const)('a connection that %s fails no later request', async (_how, end) => {
  const server = await tlsServer(certificate, 'http/2', (_request, response) => response.end('fine'));
  const send = senderTo(server, cert);
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(many(20).map(() => send()));
    for (const session of server.sessions) if (!session.destroyed) session[end]();
    await sleep(20);
  }
  expect((await send()).body).toBe('fine');
});
