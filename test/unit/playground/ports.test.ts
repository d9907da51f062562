import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';

import { choosePorts } from '../../../src/playground/ports.js';

const HOST = '127.0.0.1';

it('chooses as many different ports as are asked for, and leaves them free', async () => {
  const ports = await choosePorts(HOST, [undefined, undefined, undefined]);
  expect(new Set(ports).size).toBe(3);
  expect(await choosePorts(HOST, ports)).toEqual(ports);
});

it('chooses none that the system could give to somebody else before a server listens on it', async () => {
  const ports = await choosePorts(HOST, new Array<undefined>(200).fill(undefined));
  expect(new Set(ports).size).toBe(200);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

it('names a busy port and the remedy, and lets go of the others', async () => {
  const [free] = await choosePorts(HOST, [undefined]);
  const blocker = createServer();
  await once(blocker.listen(0, HOST), 'listening');
  const { port } = blocker.address() as AddressInfo;
  await expect(choosePorts(HOST, [free, port])).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is already in use. Stop what listens there, or choose another port.`,
  );
  expect(await choosePorts(HOST, [free])).toEqual([free]);
  await once(blocker.close(), 'close');
});

it('names a port that is no port', async () => {
  await expect(choosePorts(HOST, [70_000])).rejects.toThrow('Port 70000 on 127.0.0.1 cannot be used');
});
