import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Longer than any polling interval in use, so that the server never closes a connection just as a client takes it up. */
const KEEP_ALIVE_TIMEOUT_MS = 600_000;

const LOOPBACK_OF_WILDCARD: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** A server that listens. */
export interface Listener {
  /** Where this machine reaches it. */
  readonly url: string;
  /** Stops listening and breaks all connections. Can be called again. */
  readonly close: () => Promise<void>;
}

/** Makes the server listen; rejects when it cannot. */
export async function listen(server: Server, host: string, port: number): Promise<Listener> {
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.listen(port, host);
  await once(server, 'listening');
  return { url: urlOf(server.address() as AddressInfo), close: () => close(server) };
}

function urlOf({ address, family, port }: AddressInfo): string {
  const host = LOOPBACK_OF_WILDCARD[address] ?? address;
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
