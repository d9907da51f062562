import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

import { PolyAiClient } from '../../../src/polyai/client.js';
import { PolyAiError } from '../../../src/polyai/errors.js';
import type { PolyAiClientOptions } from '../../../src/polyai/options.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator.js';

/** A client that closes with the test. */
export function clientUnderTest(options: PolyAiClientOptions): PolyAiClient {
  const client = new PolyAiClient({ requestTimeoutMs: 10_000, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** A simulator, and a client that has its token; both close with the test. */
export async function simulatorAndClient(
  options: SimulatorOptions = {},
  clientOptions: Partial<PolyAiClientOptions> = {},
): Promise<{ simulator: Simulator; client: PolyAiClient }> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  const client = clientUnderTest({ baseUrl: simulator.url, token: simulator.token, ...clientOptions });
  return { simulator, client };
}

export interface TinyServer {
  readonly url: string;
  /** Requests received, in order. */
  readonly requests: readonly IncomingMessage[];
  /** Connections made to it so far. */
  readonly connections: () => number;
  /** Connections that are still there. */
  readonly openConnections: () => number;
  /** Before the end of the test. */
  close(): void;
}

/** A bare server for answers that the simulator does not give; it closes with the test. */
export async function tinyServer(answer: RequestListener): Promise<TinyServer> {
  const requests: IncomingMessage[] = [];
  let made = 0;
  let open = 0;
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.on('connection', (socket) => {
    made += 1;
    open += 1;
    socket.once('close', () => (open -= 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, connections: () => made, openConnections: () => open, close };
}

/** A server that gives each request the same answer. */
export function answering(status: number, body: string, headers: Record<string, string> = {}): Promise<TinyServer> {
  return tinyServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  });
}

/** The `PolyAiError` that a request rejects with; throws when there is none. */
export async function errorOf(outcome: Promise<unknown>): Promise<PolyAiError> {
  const error: unknown = await outcome.then(
    (value) => {
      throw new Error(`expected a PolyAiError, got ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
  if (error instanceof PolyAiError) return error;
  throw error;
}

/** Everything that an error would show in a log: its message, stack, fields and causes. */
export function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error);
  const fields = JSON.stringify(error, Object.getOwnPropertyNames(error));
  return `${fields}${String(error.stack)}${error.cause === undefined ? '' : everythingIn(error.cause)}`;
}
