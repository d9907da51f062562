import type { Dispatcher } from 'undici';
import type { z } from 'zod';

import { verdictOn } from './aimd.js';
import type { RefusalCircuit } from './auth-circuit.js';
import type { Credential, CredentialSource } from './credentials.js';
import { PolyAiError } from './errors.js';
import { sendRequest } from './http.js';
import type { Patience, RequestGate } from './limiter.js';
import { checkMaxWait } from './options.js';
import type { Secret } from './redact.js';
import { parseAnswer } from './wire.js';

/** A token function that looks for another token gets so long: less than makes a single poll run into its time limit. */
const MAX_RENEWAL_MS = 2_000;

interface RequestSenderOptions {
  readonly origin: string;
  readonly basePath: string;
  readonly timeoutMs: number;
  readonly credentials: CredentialSource;
  readonly connections: Dispatcher;
  readonly gate: RequestGate;
  readonly circuit: RefusalCircuit;
}

interface ApiRequest<T> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly payload?: object;
  readonly schema: z.ZodType<T>;
  readonly secrets?: readonly Secret[];
  /** Which call it concerns. */
  readonly caller: string;
}

/** A good answer, and the token that it was given to. */
interface ApiAnswer<T> {
  readonly body: T;
  readonly token: string;
}

/** That the API did not take the token. */
interface Refused {
  readonly refusal: PolyAiError;
  readonly credential: Credential;
  readonly sentAtMs: number;
}

/** That there is another token to send the request with. */
interface Repetition {
  readonly refusal: PolyAiError;
  readonly credential: Credential;
  /** The end of the time that one request has. By the clock of `performance.now`. */
  readonly giveUpAtMs: number;
}

/** Sends an account's requests: through its gate, with the token of the moment, and none in vain while that is refused. */
export class RequestSender {
  constructor(private readonly options: RequestSenderOptions) {}

  /**
   * @throws {PolyAiError} for anything but a good answer
   * @throws the reason of the signal
   */
  async send<T>(request: ApiRequest<T>, patience: Patience): Promise<ApiAnswer<T>> {
    checkMaxWait(patience.maxWaitMs);
    patience.signal?.throwIfAborted();
    const { circuit } = this.options;
    if (circuit.isOpen && isStatusRequest(request) && !patience.bypassCircuit) {
      const { token } = await this.options.credentials.current(patience.signal);
      const objection = circuit.objection(token);
      if (objection) throw objection;
    }
    const answer = await this.#attempt(request, patience);
    return 'refusal' in answer ? await this.#repeat(request, patience, answer) : answer;
  }

  async #repeat<T>(
    request: ApiRequest<T>,
    { signal, maxWaitMs = Infinity }: Patience,
    repetition: Repetition,
  ): Promise<ApiAnswer<T>> {
    const patience = { signal, maxWaitMs: Math.min(maxWaitMs, leftMs(repetition.giveUpAtMs)) };
    try {
      return (await this.#attempt(request, patience, repetition)) as ApiAnswer<T>;
    } catch (error) {
      throw error instanceof PolyAiError && error.notSent ? repetition.refusal : error;
    }
  }

  /** @returns how to repeat it, when it was refused and is no repetition already */
  async #attempt<T>(
    request: ApiRequest<T>,
    patience: Patience,
    repetition?: Repetition,
  ): Promise<ApiAnswer<T> | Repetition> {
    const { gate, credentials, circuit } = this.options;
    const { signal } = patience;
    const waiting = gate.enter(patience);
    if (waiting) await waiting;
    try {
      const current = repetition?.credential ?? credentials.current(signal);
      const credential = current instanceof Promise ? await current : current;
      const isHeldBack = isStatusRequest(request) && !patience.bypassCircuit;
      if (!repetition && isHeldBack) circuit.admit(credential.token);
      const answer = await this.#ask(request, credential, { signal, giveUpAtMs: repetition?.giveUpAtMs });
      if (!('refusal' in answer)) return answer;
      // Before the next one is let through, which may be one too many.
      const next = repetition ? undefined : await this.#repetitionOf(request, answer, signal);
      if (next) return next;
      this.#noteRefusal(request, answer);
      throw answer.refusal;
    } finally {
      gate.leave();
    }
  }

  /** Nothing where the token that was refused is still the token, or the time of one request is over. */
  async #repetitionOf(
    request: ApiRequest<unknown>,
    { refusal, credential: refused, sentAtMs }: Refused,
    signal: AbortSignal | undefined,
  ): Promise<Repetition | undefined> {
    if (!isUndone(request, refusal)) return undefined;
    const giveUpAtMs = sentAtMs + this.options.timeoutMs;
    const limits = { signal, maxWaitMs: Math.min(MAX_RENEWAL_MS, leftMs(giveUpAtMs)) };
    const credential = await this.options.credentials.renewed(refused, limits);
    return credential && leftMs(giveUpAtMs) > 0 ? { refusal, credential, giveUpAtMs } : undefined;
  }

  async #ask<T>(
    request: ApiRequest<T>,
    credential: Credential,
    { signal, giveUpAtMs = Infinity }: { signal: AbortSignal | undefined; giveUpAtMs: number | undefined },
  ): Promise<ApiAnswer<T> | Refused> {
    const { connections, origin, basePath, gate } = this.options;
    const { method, path, payload, schema, secrets = [], caller } = request;
    const { token, headers } = credential;
    const sentAtMs = performance.now();
    try {
      const response = await sendRequest(connections, {
        method,
        origin,
        path: `${basePath}${path}`,
        headers: payload ? { ...headers, 'content-type': 'application/json' } : headers,
        body: payload && JSON.stringify(payload),
        timeoutMs: Math.round(Math.min(this.options.timeoutMs, Math.max(1, giveUpAtMs - sentAtMs))),
        signal,
      });
      const body = parseAnswer(response, schema, [token, ...secrets]);
      gate.heard({ verdict: 'up', caller, sentAtMs });
      this.#accepted(request, sentAtMs);
      return { body, token };
    } catch (error) {
      if (!(error instanceof PolyAiError)) throw error;
      const { kind, message } = error;
      gate.heard({ verdict: verdictOn(error), caller, sentAtMs, trouble: { kind, message } });
      if (kind === 'Unauthorized') return { refusal: error, credential, sentAtMs };
      // A call that is not known was looked for.
      if (kind === 'CallNotFound') this.#accepted(request, sentAtMs);
      throw error;
    }
  }

  #accepted(request: ApiRequest<unknown>, sentAtMs: number): void {
    if (isStatusRequest(request)) this.options.circuit.accepted(request.caller, sentAtMs);
  }

  #noteRefusal(request: ApiRequest<unknown>, { refusal, credential: { token }, sentAtMs }: Refused): void {
    const { caller: callSid } = request;
    const { message } = refusal;
    if (isStatusRequest(request)) this.options.circuit.refused({ callSid, token, sentAtMs, message });
  }
}

/** The circuit is of these alone: a trigger is always sent, for somebody waits for it, and its tokenRejection may be the number's. */
function isStatusRequest({ method }: ApiRequest<unknown>): boolean {
  return method === 'GET';
}

/** A 401 says that the request has not been applied (RFC 9110, section 15.5.2); a 403 says so less plainly. */
function isUndone({ method }: ApiRequest<unknown>, { httpStatus }: PolyAiError): boolean {
  return method === 'GET' || httpStatus === 401;
}

function leftMs(untilMs: number): number {
  return Math.max(0, untilMs - performance.now());
}
