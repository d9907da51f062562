import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

import { HttpConnections, type HttpRequest, type HttpResponse, sendRequest } from '../../../src/polyai/http.js';

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for localhost that signs itself; made anew, so that no key is kept anywhere. */
export function selfSigned(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const keyType = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', cert, '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...keyType, ...files, ...subject], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Answer = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

export interface TlsServer {
  readonly origin: string;
  /** HTTP version of each request received. */
  readonly versions: string[];
  readonly sessions: ServerHttp2Session[];
  readonly connections: () => number;
}

/** A server over TLS that speaks HTTP/2 too, or HTTP/1.1 alone; it closes with the test. */
export async function tlsServer(
  certificate: Certificate,
  speaks: 'http/2' | 'http/1.1',
  answer: Answer,
): Promise<TlsServer> {
  const versions: string[] = [];
  const sessions: ServerHttp2Session[] = [];
  let connections = 0;
  const onRequest: Answer = (request, response) => {
    versions.push(request.httpVersion);
    answer(request, response);
  };
  const server: Server | ReturnType<typeof createSecureServer> =
    speaks === 'http/2'
      ? createSecureServer({ ...certificate, allowHTTP1: true }, onRequest)
      : createServer(certificate, onRequest as unknown as Parameters<typeof createServer>[1]);
  const sockets = new Set<TLSSocket>();
  server.on('secureConnection', (socket: TLSSocket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('session', (session: ServerHttp2Session) => sessions.push(session));
  server.listen(0);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `https://localhost:${port}`, versions, sessions, connections: () => connections };
}

/** Sends requests to the server over connections that close with the test. */
export function senderTo(
  { origin }: TlsServer,
  ca: string,
  { http2 = true, maxConnections = 128 } = {},
): (request?: Partial<HttpRequest>) => Promise<HttpResponse> {
  const connections = new HttpConnections({ maxConnections, http2, ca });
  onTestFinished(() => connections.close());
  return (request = {}) => {
    const whole: HttpRequest = { method: 'GET', origin, path: '/', headers: {}, timeoutMs: 5_000, ...request };
    return sendRequest(connections.dispatcherFor(whole.method), whole);
  };
}
