import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { NativeConnection, Worker } from '@temporalio/worker';

import { errorMessage } from '../platform/error-message.js';
import { plainText } from '../platform/plain-text.js';

/** Shorter than the timeout of a probe that has time. */
const TEMPORAL_TIMEOUT_MS = 2_000;

/** The parts of a worker and its connection that readiness depends on. */
interface WatchedWorker {
  readonly worker: Pick<Worker, 'getState'>;
  readonly connection: Pick<NativeConnection, 'withDeadline'> & {
    readonly workflowService: Pick<NativeConnection['workflowService'], 'getSystemInfo'>;
  };
}

/** Serves `/healthz` (the process is alive) and `/readyz` (the worker runs, and Temporal can be reached). */
export class HealthServer {
  #watched: WatchedWorker | undefined;
  #check: Promise<string | undefined> | undefined;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.#respond(request, response));
  }

  /**
   * Listens.
   *
   * @param address `host:port`
   */
  static async open(address: string): Promise<HealthServer> {
    const { hostname, port } = new URL(`http://${address}`);
    const server = createServer();
    // Port 80 is the default of URLs, which leave it out.
    server.listen({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) });
    await once(server, 'listening');
    return new HealthServer(server);
  }

  /** The worker that readiness is about. Before that, `/readyz` says that it is starting. */
  watch(watched: WatchedWorker): void {
    this.#watched = watched;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #respond({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = url?.split('?', 1)[0];
    if (path !== '/healthz' && path !== '/readyz') return send(response, 404, 'not found');
    if (method !== 'GET' && method !== 'HEAD') return send(response, 405, 'method not allowed');
    if (path === '/healthz') return send(response, 200, 'alive');
    const problem = await this.#problem();
    send(response, problem === undefined ? 200 : 503, problem ?? 'ready');
  }

  /** Why the worker is not ready. Requests that come together share one question to Temporal. */
  async #problem(): Promise<string | undefined> {
    if (!this.#watched) return 'the worker is starting';
    const state = this.#watched.worker.getState();
    if (state !== 'RUNNING') return `the worker is ${state}`;
    this.#check ??= problemOfConnection(this.#watched.connection).finally(() => (this.#check = undefined));
    return await this.#check;
  }
}

async function problemOfConnection(connection: WatchedWorker['connection']): Promise<string | undefined> {
  try {
    const deadline = Date.now() + TEMPORAL_TIMEOUT_MS;
    await connection.withDeadline(deadline, () => connection.workflowService.getSystemInfo({}));
    return undefined;
  } catch (error) {
    return `Temporal cannot be reached: ${plainText(errorMessage(error))}`;
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}
