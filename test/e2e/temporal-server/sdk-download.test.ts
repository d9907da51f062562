import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { sdkDownload } from '../../../src/playground/downloads.js';
import { SERVER_RELEASES } from '../../../src/playground/executables.js';

let blackHole: Server;
let connections: Socket[];
let workDir: string;

beforeEach(async () => {
  connections = [];
  blackHole = createServer((socket) => connections.push(socket.on('error', () => undefined).resume()));
  await once(blackHole.listen(0, '127.0.0.1'), 'listening');
  workDir = await mkdtemp(join(tmpdir(), 'sdk-download-'));
});

afterEach(async () => {
  for (const socket of connections) socket.destroy();
  await once(blackHole.close(), 'close');
  await rm(workDir, { recursive: true, force: true });
});

it('is given up when the network swallows everything', async () => {
  const proxy = `http://127.0.0.1:${(blackHole.address() as AddressInfo).port}`;
  const env = { PATH: process.env['PATH'], HTTPS_PROXY: proxy, NO_PROXY: '' };
  const attempt = sdkDownload(SERVER_RELEASES['test-server'], env, 3_000).download(workDir);
  await expect(attempt).rejects.toThrow('gave no answer within 3 s');
  expect(connections.length).toBeGreaterThan(0);
});
