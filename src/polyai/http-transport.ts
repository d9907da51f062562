import { Agent, request, type Dispatcher } from 'undici';

import { PolyAiError } from './polyai-error.js';

/** No answer of this API comes near it; a longer one is not read to its end. */
const MAX_BODY_BYTES = 64 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
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

/** More than a worker polls at once by default (100), so that no request waits for a connection in its own time limit. */
const MAX_CONNECTIONS = 128;

/** One pool of keep-alive connections for all requests of a client. */
export function createDispatcher(): Dispatcher {
  return new Agent({ connections: MAX_CONNECTIONS, pipelining: 1, keepAliveTimeout: 30_000 });
}

/**
 * Sends one request and reads the answer whole. Follows no redirect.
 *
 * @throws {PolyAiError} `PolyAiUnavailable` when no whole answer came in time, `InvalidResponse` when it was over 64 KiB
 * @throws the reason of `signal`, when that is what ended the request
 */
export async function sendRequest(
  dispatcher: Dispatcher,
  { timeoutMs, signal, ...rest }: HttpRequest,
): Promise<HttpResponse> {
  signal?.throwIfAborted();
  const ending = new AbortController();
  const onAbort = (): void => ending.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => ending.abort(), timeoutMs);
  try {
    const { url, body, ...options } = rest;
    const response = await request(url, { ...options, body: body ?? null, dispatcher, signal: ending.signal });
    return { status: response.statusCode, headers: response.headers, body: await readBounded(response.body) };
  } catch (error) {
    if (error instanceof PolyAiError) throw error;
    signal?.throwIfAborted();
    const what = ending.signal.aborted
      ? `no answer within ${timeoutMs} ms`
      : `connection error (${errorCodeOf(error)})`;
    throw new PolyAiError(`PolyAI is unavailable: ${what}`, { kind: 'PolyAiUnavailable', cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function readBounded(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) {
      throw new PolyAiError(`PolyAI answered with more than ${MAX_BODY_BYTES} bytes`, { kind: 'InvalidResponse' });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function errorCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
