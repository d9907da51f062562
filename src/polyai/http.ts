import { Agent, buildConnector, Client, type Dispatcher, Pool } from 'undici';

import { onAbort } from '../platform/abortable.js';
import { PolyAiError } from './errors.js';

/** No answer of this API comes near it; a longer one is not read to its end. */
const MAX_BODY_BYTES = 64 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Scheme, host and port. */
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * Sends one request and reads the answer whole. Follows no redirect.
 *
 * @throws {PolyAiError} `PolyAiUnavailable` when no whole answer came in time, `InvalidResponse` when it was over 64 KiB
 * @throws the reason of `signal`, when that is what ended the request
 */
export function sendRequest(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    new Exchange(request, resolve, reject).begin(dispatcher);
  });
}

/** One request and its answer. Undici's own `request` makes a stream of each answer, which costs as much as the rest. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (reason: Error) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  #isSettled = false;
  #status = 0;
  #headers: HttpResponse['headers'] = {};
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(request: HttpRequest, resolve: (response: HttpResponse) => void, reject: (reason: Error) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(dispatcher: Dispatcher): void {
    const { method, origin, path, headers, body, timeoutMs, signal } = this.#request;
    if (signal?.aborted) return this.#giveUp(signal.reason as Error);
    if (signal) this.#stopListening = onAbort(signal, () => this.#giveUp(signal.reason as Error));
    this.#timer = setTimeout(() => this.#giveUp(unavailable(`no answer within ${timeoutMs} ms`)), timeoutMs);
    dispatcher.dispatch({ method, origin, path, headers, body: body ?? null }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isSettled) controller.abort(new Error('given up before it was sent'));
  }

  onResponseStart(_: unknown, status: number, headers: HttpResponse['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length <= MAX_BODY_BYTES) this.#chunks.push(chunk);
    else {
      const message = `PolyAI answered with more than ${MAX_BODY_BYTES} bytes`;
      this.#giveUp(new PolyAiError(message, { kind: 'InvalidResponse' }));
    }
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    const [first] = this.#chunks;
    const whole = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body: whole.toString('utf8') });
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#settle()) this.#reject(unavailable(`connection error (${errorCodeOf(error)})`, error));
  }

  #giveUp(reason: Error): void {
    if (!this.#settle()) return;
    this.#reject(reason);
    this.#controller?.abort(reason);
  }

  /** @returns whether this is the end of the exchange, which it has only one of */
  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#stopListening?.();
    return true;
  }
}

function unavailable(what: string, cause?: Error): PolyAiError {
  return new PolyAiError(`PolyAI is unavailable: ${what}`, { kind: 'PolyAiUnavailable', cause });
}

function errorCodeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}

/** As long as a connection is kept when nothing is sent over it. */
const KEEP_ALIVE_MS = 30_000;
const HTTP2_CONNECTIONS = 4;
/** On one connection; servers allow 100 as a rule. */
const HTTP2_STREAMS = 64;
/** The time limit of a whole request is not undici's. */
const OPTIONS = { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 } as const;

interface ConnectionsOptions {
  /** HTTP/1.1 connections at most. */
  readonly maxConnections: number;
  /** Whether to speak HTTP/2 with a server that offers it. */
  readonly http2: boolean;
  /** Certificates of authorities to trust, in place of the usual ones. PEM. */
  readonly ca?: string | undefined;
}

/** The connections of a client, kept open between requests. */
export class HttpConnections {
  readonly #http1: Agent;
  readonly #http2: Agent | undefined;
  #isHttp1Only = false;

  constructor({ maxConnections, http2, ca }: ConnectionsOptions) {
    const connect = ca === undefined ? {} : { ca };
    this.#http1 = new Agent({ ...OPTIONS, connect, connections: maxConnections });
    if (!http2) return;
    const connector = buildConnector({ ...connect, allowH2: true });
    const factory = (origin: string | URL, options: object): Client =>
      this.#negotiatingClient(origin, options, connector);
    const pool = { ...OPTIONS, connections: HTTP2_CONNECTIONS, factory };
    this.#http2 = new Agent({ factory: (origin) => new Pool(origin, pool) });
  }

  /**
   * A request that must not be sent twice goes over HTTP/1.1. Over HTTP/2 undici 7 fails it when the server retires the
   * connection, and nobody could tell whether it had been carried out.
   */
  dispatcherFor(method: 'GET' | 'POST'): Dispatcher {
    return this.#http2 && !this.#isHttp1Only && method === 'GET' ? this.#http2 : this.#http1;
  }

  async close(): Promise<void> {
    await Promise.all([this.#http1.close(), this.#http2?.close()]);
  }

  /** Many requests at once over a connection that speaks HTTP/2, one at a time over any other. */
  #negotiatingClient(origin: string | URL, options: object, connector: buildConnector.connector): Client {
    const client = new Client(origin, {
      ...options,
      connect: (target, callback) =>
        connector(target, (...outcome) => {
          const [, socket] = outcome;
          if (socket) {
            this.#isHttp1Only = !('alpnProtocol' in socket && socket.alpnProtocol === 'h2');
            client.pipelining = this.#isHttp1Only ? 1 : HTTP2_STREAMS;
          }
          callback(...outcome);
        }),
    });
    return client;
  }
}
