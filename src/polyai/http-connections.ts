import { Agent, buildConnector, Client, Pool, type Dispatcher } from 'undici';

/** As long as a connection is kept when nothing is sent over it. */
const KEEP_ALIVE_MS = 30_000;
const HTTP2_CONNECTIONS = 4;
/** On one connection; servers allow 100 as a rule. */
const HTTP2_STREAMS = 64;
/** The time limit of a whole request is not undici's. */
const OPTIONS = { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 } as const;

export interface ConnectionsOptions {
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
