import type { Dispatcher } from 'undici';
import type { z } from 'zod';

import type { AuthCircuitBreaker } from './auth-circuit.js';
import type { Credential, CredentialSource } from './credentials.js';
import { PolyAiError } from './errors.js';
import { sendRequest } from './http.js';
import type { Permit, RequestLimiter } from './limiter.js';
import { checkMaxWait, type RequestOptions } from './options.js';
import type { Secret } from './redact.js';
import { traceRequest } from './request-span.js';
import { parseResponse } from './wire.js';

/** Longest wait for a new token after a rejection: short enough that a single poll stays within its timeout. */
const MAX_RENEWAL_MS = 2_000;

interface RequestSenderOptions {
  readonly origin: string;
  readonly basePath: string;
  readonly timeoutMs: number;
  readonly credentials: CredentialSource;
  readonly dispatcher: Dispatcher;
  readonly limiter: RequestLimiter;
  readonly circuit: AuthCircuitBreaker;
}

interface ApiRequest<T> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** See `traceRequest`. */
  readonly template: string;
  readonly payload?: object;
  readonly schema: z.ZodType<T>;
  readonly secrets?: readonly Secret[];
  /** What the request is for: the call SID of a status request, a unique name for a trigger. */
  readonly subject: string;
}

interface ApiResponse<T> {
  readonly body: T;
  /** The token that the request carried. */
  readonly token: string;
}

/** A request whose token the API rejected. */
interface RejectedAttempt {
  readonly rejection: PolyAiError;
  readonly credential: Credential;
  readonly sentAtMs: number;
}

/** How to repeat a rejected request with a new token. */
interface TokenRetry {
  readonly rejection: PolyAiError;
  readonly credential: Credential;
  /** When the timeout of the first attempt ends. By `performance.now()`. */
  readonly deadlineMs: number;
}

/**
 * Sends the requests of an account: through its request limiter and its auth circuit breaker, with the current token, and
 * once more when the API rejects that token and there is a new one.
 */
export class RequestSender {
  constructor(private readonly options: RequestSenderOptions) {}

  /**
   * @throws {PolyAiError} for any response but a success
   * @throws the reason of the signal
   */
  async send<T>(request: ApiRequest<T>, options: RequestOptions): Promise<ApiResponse<T>> {
    checkMaxWait(options);
    options.signal?.throwIfAborted();
    const { circuit, credentials } = this.options;
    // A request that the circuit stops does not wait for the limiter first.
    if (circuit.isOpen && obeysCircuit(request, options)) {
      const { token } = await credentials.current(options.signal);
      const rejection = circuit.rejection(token);
      if (rejection) throw rejection;
    }
    const first = await this.#attempt(request, options);
    return 'rejection' in first ? await this.#retry(request, options, first) : first;
  }

  async #retry<T>(
    request: ApiRequest<T>,
    { maxWaitMs = Infinity, signal, urgent, onSent, beforeWrite }: RequestOptions,
    retry: TokenRetry,
  ): Promise<ApiResponse<T>> {
    const remaining = { maxWaitMs: Math.min(maxWaitMs, remainingMs(retry.deadlineMs)) };
    const options = { ...remaining, signal, urgent, onSent, beforeWrite };
    try {
      return (await this.#attempt(request, options, retry)) as ApiResponse<T>;
    } catch (error) {
      throw error instanceof PolyAiError && error.notSent ? retry.rejection : error;
    }
  }

  /** @returns the response, or how to retry when this attempt was rejected and is not itself the retry */
  async #attempt<T>(
    request: ApiRequest<T>,
    options: RequestOptions,
    retry?: TokenRetry,
  ): Promise<ApiResponse<T> | TokenRetry> {
    const { limiter, credentials, circuit } = this.options;
    const { signal, maxWaitMs, urgent } = options;
    const acquired = limiter.acquire({ subject: request.subject, signal, maxWaitMs, urgent });
    const permit = acquired instanceof Promise ? await acquired : acquired;
    try {
      const current = retry?.credential ?? credentials.current(signal);
      const credential = current instanceof Promise ? await current : current;
      if (!retry && obeysCircuit(request, options)) circuit.acquire(credential.token);
      const response = await this.#exchange(request, credential, permit, options, retry?.deadlineMs);
      if (!('rejection' in response)) return response;
      // The circuit must know about the rejection before the limiter admits the next request.
      const next = retry ? undefined : await this.#retryOf(request, response, signal);
      if (next) return next;
      this.#recordRejection(request, response);
      throw response.rejection;
    } finally {
      limiter.release(permit);
    }
  }

  /** `undefined` when there is no other token, the timeout is over, or the request may have been carried out. */
  async #retryOf(
    request: ApiRequest<unknown>,
    { rejection, credential: rejected, sentAtMs }: RejectedAttempt,
    signal: AbortSignal | undefined,
  ): Promise<TokenRetry | undefined> {
    if (!isRepeatable(request, rejection)) return undefined;
    const deadlineMs = sentAtMs + this.options.timeoutMs;
    const maxWaitMs = Math.min(MAX_RENEWAL_MS, remainingMs(deadlineMs));
    const credential = await this.options.credentials.renewed(rejected, { signal, maxWaitMs });
    return credential && remainingMs(deadlineMs) > 0 ? { rejection, credential, deadlineMs } : undefined;
  }

  async #exchange<T>(
    request: ApiRequest<T>,
    credential: Credential,
    permit: Permit,
    { signal, onSent, beforeWrite }: RequestOptions,
    deadlineMs = Infinity,
  ): Promise<ApiResponse<T> | RejectedAttempt> {
    const { dispatcher, origin, basePath, limiter } = this.options;
    const { method, path, template, payload, schema, secrets = [] } = request;
    const { token, headers } = credential;
    const sentAtMs = performance.now();
    onSent?.();
    try {
      const target = { method, origin, path: `${basePath}${path}` };
      const traced = { ...target, template: `${basePath}${template}`, isResent: deadlineMs !== Infinity };
      const body = await traceRequest(traced, async () => {
        const response = await sendRequest(dispatcher, {
          ...target,
          headers: payload ? { ...headers, 'content-type': 'application/json' } : headers,
          body: payload && JSON.stringify(payload),
          timeoutMs: Math.round(Math.min(this.options.timeoutMs, Math.max(1, deadlineMs - sentAtMs))),
          signal,
          beforeWrite,
        });
        return parseResponse(response, schema, [token, ...secrets]);
      });
      limiter.record(permit, { sentAtMs });
      this.#recordSuccess(request, sentAtMs);
      return { body, token };
    } catch (error) {
      if (!(error instanceof PolyAiError)) throw error;
      limiter.record(permit, { sentAtMs, error });
      if (error.kind === 'Unauthorized') return { rejection: error, credential, sentAtMs };
      // The API accepted the token: it looked for the call.
      if (error.kind === 'CallNotFound') this.#recordSuccess(request, sentAtMs);
      throw error;
    }
  }

  #recordSuccess(request: ApiRequest<unknown>, sentAtMs: number): void {
    if (isStatusRequest(request)) this.options.circuit.recordSuccess(request.subject, sentAtMs);
  }

  #recordRejection(request: ApiRequest<unknown>, { rejection, credential, sentAtMs }: RejectedAttempt): void {
    if (!isStatusRequest(request)) return;
    const { token } = credential;
    this.options.circuit.recordRejection({ callSid: request.subject, token, sentAtMs, message: rejection.message });
  }
}

function obeysCircuit(request: ApiRequest<unknown>, { bypassCircuit }: RequestOptions): boolean {
  return isStatusRequest(request) && !bypassCircuit;
}

/**
 * The circuit concerns status requests only. A trigger is always sent, because someone waits for it; and a 403 to it may
 * concern the phone number.
 */
function isStatusRequest({ method }: ApiRequest<unknown>): boolean {
  return method === 'GET';
}

/** A 401 says that the request was not carried out (RFC 9110, section 15.5.2); a 403 does not guarantee it. */
function isRepeatable({ method }: ApiRequest<unknown>, { httpStatus }: PolyAiError): boolean {
  return method === 'GET' || httpStatus === 401;
}

function remainingMs(deadlineMs: number): number {
  return Math.max(0, deadlineMs - performance.now());
}
