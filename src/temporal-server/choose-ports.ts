import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

/**
 * The ports to use on a host: each one asked for, checked to be free, and one of the system's choice for each
 * `undefined`. All are different.
 *
 * @throws Error naming the port that cannot be used, and the remedy.
 */
export async function choosePorts(host: string, wanted: readonly (number | undefined)[]): Promise<number[]> {
  const held: Server[] = [];
  try {
    for (const port of wanted) held.push(await holdPort(host, port));
    return held.map((server) => (server.address() as AddressInfo).port);
  } finally {
    await Promise.all(held.map((server) => once(server.close(), 'close')));
  }
}

async function holdPort(host: string, port = 0): Promise<Server> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
    return server;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is already in use' : `cannot be used (${message})`;
    throw new Error(`Port ${port} on ${host} ${why}. Stop what listens there, or choose another port.`, {
      cause: error,
    });
  }
}
