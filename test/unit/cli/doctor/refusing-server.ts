import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll } from 'vitest';

/** Has a server listen until the tests of the file are over. */
export function useServers(): (server: Server) => Promise<string> {
  const servers = new Set<Server>();
  const sockets = new Set<Socket>();
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
  });
  return async (server) => {
    servers.add(server);
    server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
    // Of TLS, the socket within that socket: whoever connects may be gone before the handshake's last word is read.
    server.on('secureConnection', (socket: Socket) => socket.on('error', () => undefined));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
}

/** A server that speaks gRPC and answers every request with this status. */
export function refusingServer(status: number, message: string): Server {
  const server = createServer();
  server.on('stream', (stream) => {
    const headers = { ':status': 200, 'content-type': 'application/grpc' };
    stream.respond({ ...headers, 'grpc-status': String(status), 'grpc-message': message }, { endStream: true });
  });
  return server;
}
