import type { Dispatcher } from 'undici';

import { onAbort } from '../platform/abortable.js';
import { PolyAiError } from './polyai-error.js';

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
