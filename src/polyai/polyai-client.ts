import type { Dispatcher } from 'undici';
import type { z } from 'zod';

import { CALL_SID_EXPECTATION, isCallSid } from '../contract/index.js';
import { parseBaseUrl } from './base-url.js';
import { createDispatcher, sendRequest } from './http-transport.js';
import { parseAnswer } from './parse-answer.js';
import { PolyAiError } from './polyai-error.js';
import { phoneNumberPattern, redact, type Secret } from './redact.js';
import { untilAborted } from './until-aborted.js';
import { callStatusBody, triggeredCallBody } from './wire.js';

const TOKEN_HEADER = 'X-PolyAi-Auth-Token';
const HEADER_SAFE = /^[\x21-\x7e]+$/;

export interface PolyAiClientOptions {
  /** Base URL of the API; see `REGION_BASE_URLS`. https, or http to loopback. */
  readonly baseUrl: string;
  /** The authentication token, or where to get it: a function is called for each request. */
  readonly token: string | (() => string | Promise<string>);
  /**
   * How long a request may take, from its start to the answer's last byte, in milliseconds.
   * @default 10_000
   */
  readonly requestTimeoutMs?: number | undefined;
}

export interface RequestOptions {
  /** Ends the request; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The status of a call as the API gave it. */
export interface CallStatus {
  /** The API's own spelling; see `classifyCallStatus`. */
  readonly status: string;
  /** Empty unless the call failed, as a rule. */
  readonly reason: string;
}

/** What to dial. Source: the vendor's OpenAPI document, `triggerOutboundCall`. */
export interface TriggerCallRequest {
  /** In E.164 form (`+14155552671`), or a national number with `countryCode`. */
  readonly toNumber: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode?: string | undefined;
  /** Given to the agent as SIP headers; under 26 KB in base64. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly encryption?: 'UDP/RTP' | 'UDP/SRTP' | 'TLS/RTP' | 'TLS/SRTP' | undefined;
}

/** A client of PolyAI's outbound calling API. Keeps its connections open between requests: make one and share it. */
export class PolyAiClient {
  readonly #baseUrl: string;
  readonly #token: () => string | Promise<string>;
  readonly #timeoutMs: number;
  readonly #dispatcher: Dispatcher = createDispatcher();

  /** @throws {TypeError} for a base URL that is not https or loopback */
  constructor({ baseUrl, token, requestTimeoutMs = 10_000 }: PolyAiClientOptions) {
    this.#baseUrl = parseBaseUrl(baseUrl);
    this.#token = typeof token === 'string' ? () => token : token;
    this.#timeoutMs = requestTimeoutMs;
  }

  /**
   * Asks for the status of a call, once.
   *
   * @throws {PolyAiError} for anything but a call status; `kind` and `retryable` say what to do
   */
  async getCallStatus(callSid: string, options: RequestOptions = {}): Promise<CallStatus> {
    if (!isCallSid(callSid))
      throw new PolyAiError(`invalid call SID: ${CALL_SID_EXPECTATION}`, { kind: 'InvalidCallSid' });
    const path = `/v1/outbound-calling/${callSid}/status`;
    const { body, secrets } = await this.#send({ method: 'GET', path, schema: callStatusBody, ...options });
    return { status: redact(body.status, secrets), reason: redact(body.reason ?? '', secrets) };
  }

  /**
   * Has the agent dial a number. Not idempotent: a request that timed out may have dialled, so only a `RateLimited`
   * one is `retryable`.
   *
   * @returns the call SID to monitor
   * @throws {PolyAiError} when the call was not accepted, or when that is not known
   */
  async triggerCall(call: TriggerCallRequest, options: RequestOptions = {}): Promise<{ callSid: string }> {
    const payload = {
      to_number: call.toNumber,
      country_code: call.countryCode,
      metadata: call.metadata,
      encryption: call.encryption,
    };
    const request = { method: 'POST', path: '/v1/outbound-calling', payload, schema: triggeredCallBody } as const;
    try {
      const { body } = await this.#send({
        ...request,
        secrets: [call.toNumber, phoneNumberPattern(call.toNumber)],
        ...options,
      });
      return { callSid: body.call_sid };
    } catch (error) {
      throw asTriggerError(error);
    }
  }

  /** Closes the connections; requests that are under way are waited for. */
  async close(): Promise<void> {
    await this.#dispatcher.close();
  }

  async #send<T>({ method, path, payload, schema, secrets: personal = [], signal }: ApiRequest<T>) {
    const token = await untilAborted(this.#readToken(), signal);
    const secrets = [token, ...personal];
    const response = await sendRequest(this.#dispatcher, {
      method,
      url: `${this.#baseUrl}${path}`,
      headers: {
        accept: 'application/json',
        [TOKEN_HEADER]: token,
        ...(payload !== undefined && { 'content-type': 'application/json' }),
      },
      body: payload === undefined ? undefined : JSON.stringify(payload),
      timeoutMs: this.#timeoutMs,
      signal,
    });
    return { body: parseAnswer(response, schema, secrets), secrets };
  }

  /** What the function throws may hold the token, so it is not passed on. */
  async #askForToken(): Promise<string> {
    try {
      return await this.#token();
    } catch {
      throw new PolyAiError('the PolyAI token could not be read', { kind: 'PolyAiUnavailable' });
    }
  }

  async #readToken(): Promise<string> {
    const token = (await this.#askForToken()).trim();
    if (HEADER_SAFE.test(token)) return token;
    const message = 'the PolyAI token is empty or holds characters that no HTTP header can carry';
    throw new PolyAiError(message, { kind: 'Unauthorized' });
  }
}

interface ApiRequest<T> extends RequestOptions {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly payload?: object;
  readonly schema: z.ZodType<T>;
  readonly secrets?: readonly Secret[];
}

/** A trigger names no call that could be wrong or missing, and must not be sent again if it may have been carried out. */
function asTriggerError(error: unknown): unknown {
  if (!(error instanceof PolyAiError)) return error;
  const isRequestAtFault = error.kind === 'InvalidCallSid' || error.kind === 'CallNotFound';
  return error.with({
    kind: isRequestAtFault ? 'RequestRejected' : error.kind,
    retryable: error.kind === 'RateLimited',
  });
}
