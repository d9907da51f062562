import type { Dispatcher } from 'undici';

import { onAbort } from '../platform/abortable.js';
import { PolyAiError } from './errors.js';

/** Far more than any response of this API. The rest of a longer one is not read. */
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
  /** See `RequestOptions.beforeWrite`. */
  readonly beforeWrite?: (() => void) | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Whether the body was longer than 64 KiB, and is only its beginning. */
  readonly isCut: boolean;
}

/**
 * Sends one request and reads the response, of its body at most 64 KiB. Follows no redirect.
 *
 * @throws {PolyAiError} `PolyAiUnavailable` without a response in time
 * @throws the reason of `signal`, when the request was aborted
 * @throws what `beforeWrite` throws
 */
export function sendRequest(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    new Exchange(request, resolve, reject).start(dispatcher);
  });
}

/** One request and its response. undici's own `request` makes a stream of each body, which doubles the cost of a poll. */
class Exchange implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  #isSettled = false;
  #status = 0;
  #headers: HttpResponse['headers'] = {};
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(
    private readonly request: HttpRequest,
    private readonly resolve: (response: HttpResponse) => void,
    private readonly reject: (reason: Error) => void,
  ) {}

  start(dispatcher: Dispatcher): void {
    const { method, origin, path, headers, body, timeoutMs, signal } = this.request;
    if (signal?.aborted) return this.#fail(signal.reason as Error);
    if (signal) this.#stopListening = onAbort(signal, () => this.#fail(signal.reason as Error));
    this.#timer = setTimeout(() => this.#fail(unavailable(`no answer within ${timeoutMs} ms`)), timeoutMs);
    dispatcher.dispatch({ method, origin, path, headers, body: body ?? null }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isSettled) return controller.abort(new Error('aborted before it was sent'));
    try {
      this.request.beforeWrite?.();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  onResponseStart(_: unknown, status: number, headers: HttpResponse['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length <= MAX_BODY_BYTES) this.#chunks.push(chunk);
    else {
      // Status and headers say what to do, also before a body that is too long.
      this.#complete(true);
      this.#controller?.abort(new Error(`the response has more than ${MAX_BODY_BYTES} bytes`));
    }
  }

  onResponseEnd(): void {
    this.#complete(false);
  }

  #complete(isCut: boolean): void {
    if (!this.#settle()) return;
    const [first] = this.#chunks;
    const body = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.resolve({ status: this.#status, headers: this.#headers, body: body.toString('utf8'), isCut });
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#settle()) this.reject(unavailable(`connection error (${errorCodeOf(error)})`, error));
  }

  #fail(reason: Error): void {
    if (!this.#settle()) return;
    this.reject(reason);
    this.#controller?.abort(reason);
  }

  /** @returns false when the exchange was already settled */
  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#stopListening?.();
    return true;
  }
}

function unavailable(why: string, cause?: Error): PolyAiError {
  return new PolyAiError(`PolyAI is unavailable: ${why}`, { kind: 'PolyAiUnavailable', cause });
}

function errorCodeOf(error: Error): string {
  // undici's own text: it has the proxy's status, and no address.
  if (error.message.startsWith('Proxy response')) return error.message;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
