import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/**
 * Below the ephemeral ports (from 32,768 on Linux, from 49,152 elsewhere), which systems assign to outgoing connections and to
 * listeners on port 0. An ephemeral port is often taken again before the server that is to use it listens.
 * Above 10,080, the highest port that browsers and `fetch` refuse to connect to (WHATWG Fetch, "port blocking").
 */
const RANGE = { from: 10_081, below: 32_768 };
const MAX_ATTEMPTS = 20;

/**
 * Chooses different ports on a host: each requested one, if it is free, and a free one for each `undefined`.
 *
 * @throws {Error} naming the port that cannot be used, and the remedy.
 */
export async function choosePorts(host: string, wanted: readonly (number | undefined)[]): Promise<number[]> {
  const reserved: Server[] = [];
  try {
    for (const port of wanted)
      reserved.push(await (port === undefined ? reserveAnyPort(host) : reservePort(host, port)));
    return reserved.map((server) => (server.address() as AddressInfo).port);
  } finally {
    await Promise.all(reserved.map((server) => once(server.close(), 'close')));
  }
}

async function reserveAnyPort(host: string): Promise<Server> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const reserved = await reservePort(host, randomInt(RANGE.from, RANGE.below)).catch(() => undefined);
    if (reserved) return reserved;
  }
  return await reservePort(host, 0);
}

async function reservePort(host: string, port: number): Promise<Server> {
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
