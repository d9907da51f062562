import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

import type { OpenRecord } from './request-log.js';

const MAX_BODY_BYTES = 1024 * 1024;

/** One request and its response, which is recorded and has a correlation ID. */
export class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #record: OpenRecord;

  constructor(request: IncomingMessage, response: ServerResponse, record: OpenRecord) {
    this.#request = request;
    this.#response = response;
    this.#record = record;
    response.setHeader('X-PolyAI-Correlation-Id', record.correlationId);
    response.once('close', () => {
      if (record.status === 'pending') record.status = 'dropped';
    });
  }

  get token(): unknown {
    return this.#request.headers['x-polyai-auth-token'];
  }

  /** The request's body as text; `undefined` for one of more than 1 MiB. */
  async readBody(): Promise<string | undefined> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.#request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    }
    return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined;
  }

  /** Records which call the request is about. */
  recordCall(callSid: string): void {
    this.#record.callSid = callSid;
  }

  respond(status: number, body: unknown, headers: OutgoingHttpHeaders = {}): void {
    const text = JSON.stringify(body);
    this.respondText(status, text, { 'content-length': Buffer.byteLength(text), ...headers });
  }

  respondError(status: number, code: string, error: string, headers: OutgoingHttpHeaders = {}): void {
    this.respond(status, { error, code }, headers);
  }

  /** Responds with text of type JSON, which it need not be. Without a `content-length` it is sent in chunks. */
  respondText(status: number, text: string, headers: OutgoingHttpHeaders = {}): void {
    if (this.#response.destroyed) return;
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.#record.status = status;
    this.#response.end(text);
  }

  /** Announces the whole text, sends half of it, and breaks the connection. */
  respondHalf(text: string): void {
    if (this.#response.destroyed) return;
    this.#record.status = 'dropped';
    this.#response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    this.#response.write(text.slice(0, text.length / 2), () => this.#response.destroy());
  }

  reset(): void {
    this.#record.status = 'dropped';
    this.#request.socket.resetAndDestroy();
  }

  /** Waits `ms` of real time, or until the client leaves. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#response.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
