import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

import type { OpenRecord, SimulatorState } from './state.js';

/** One request and its answer: whatever goes out is put on record, and carries the correlation ID. */
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

  get request(): IncomingMessage {
    return this.#request;
  }

  /** Says which call the request is about. */
  concerns(callSid: string): void {
    this.#record.callSid = callSid;
  }

  answer(status: number, body: unknown, headers: OutgoingHttpHeaders = {}): void {
    const text = JSON.stringify(body);
    this.answerText(status, text, { 'content-length': Buffer.byteLength(text), ...headers });
  }

  answerError(status: number, code: string, error: string, headers: OutgoingHttpHeaders = {}): void {
    this.answer(status, { error, code }, headers);
  }

  /** Answers with text that passes for JSON. Without a `content-length` it goes out in chunks. */
  answerText(status: number, text: string, headers: OutgoingHttpHeaders = {}): void {
    if (this.#response.destroyed) return;
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.#record.status = status;
    this.#response.end(text);
  }

  /** Announces the whole text, sends half of it, and breaks the connection. */
  answerHalf(text: string): void {
    if (this.#response.destroyed) return;
    this.#record.status = 'dropped';
    this.#response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    this.#response.write(text.slice(0, text.length / 2), () => this.#response.destroy());
  }

  reset(): void {
    this.#record.status = 'dropped';
    this.#request.socket.resetAndDestroy();
  }

  /** Waits so many milliseconds of real time, or until the client leaves. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#response.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

const MAX_BODY_BYTES = 1024 * 1024;

/** The request's body as text, or `undefined` when it has more than 1 MiB. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined;
}

/** The token of every simulator that is not given another. Not a secret: it opens nothing but simulators. */
export const DEFAULT_SIMULATOR_TOKEN = 'simulator-token';

/** The one token that the simulator takes, until it expires. */
export class AccessToken {
  #token: string;
  #expired = false;

  constructor(token: string) {
    this.#token = token;
  }

  get value(): string {
    return this.#token;
  }

  replace(token: string): void {
    this.#token = token;
    this.#expired = false;
  }

  expire(): void {
    this.#expired = true;
  }

  accepts(token: unknown): boolean {
    return !this.#expired && token === this.#token;
  }
}

const TOKEN_HEADER = 'x-polyai-auth-token';

/** Answers 401 to a request without the right token. Says whether it did. */
export function refuseToken({ token }: SimulatorState, exchange: Exchange): boolean {
  if (token.accepts(exchange.request.headers[TOKEN_HEADER])) return false;
  exchange.answerError(401, 'UNAUTHORIZED', 'the token is missing or wrong');
  return true;
}
