import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections and to listeners that ask for any (from 32,768 on Linux, from
 * 49,152 elsewhere): one of those would often be taken again before a server that has still to start listens on it.
 */
const CHOICE = { from: 10_000, below: 32_768 };
const CHOICES = 20;

/**
 * The ports to use on a host: each one asked for, checked to be free, and a free one for each `undefined`. All are
 * different.
 *
 * @throws Error naming the port that cannot be used, and the remedy.
 */
export async function choosePorts(host: string, wanted: readonly (number | undefined)[]): Promise<number[]> {
  const held: Server[] = [];
  try {
    for (const port of wanted) held.push(await (port === undefined ? holdAnyPort(host) : holdPort(host, port)));
    return held.map((server) => (server.address() as AddressInfo).port);
  } finally {
    await Promise.all(held.map((server) => once(server.close(), 'close')));
  }
}

async function holdAnyPort(host: string): Promise<Server> {
  for (let choice = 0; choice < CHOICES; choice += 1) {
    const held = await holdPort(host, randomInt(CHOICE.from, CHOICE.below)).catch(() => undefined);
    if (held) return held;
  }
  return await holdPort(host, 0);
}

async function holdPort(host: string, port: number): Promise<Server> {
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
