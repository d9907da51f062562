/** A collector of spans that keeps none, in a process of its own, so that its CPU time is not counted as a worker's. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from './child-process.js';

let bytes = 0;
const server = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on('end', () => response.end());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const functions = { endpoint: () => endpoint, receivedBytes: () => bytes };
export type CollectorFunctions = typeof functions;
serve(functions);
