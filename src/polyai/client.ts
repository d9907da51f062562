import type { Dispatcher } from 'undici';

import { classifyCallStatus, INVALID_CALL_SID_MESSAGE, isCallSid } from '../contract/call.js';
import { AuthCircuitBreaker, type TokenRejection } from './auth-circuit.js';
import { CredentialSource } from './credentials.js';
import { PolyAiError } from './errors.js';
import { createDispatcher } from './connections.js';
import { RequestLimiter } from './limiter.js';
import {
  checkLimits,
  DEFAULT_MAX_CONCURRENT_REQUESTS,
  DEFAULT_REQUEST_TIMEOUT_MS,
  type PolyAiClientOptions,
  type RequestOptions,
} from './options.js';
import { phoneNumberPattern } from './phone-numbers.js';
import { redact } from './redact.js';
import { parseBaseUrl } from './regions.js';
import { RequestSender } from './send.js';
import type { Throttling } from './throttling.js';
import { callStatusBody, triggeredCallBody } from './wire.js';

/** A well-formed SID of no call: `getCallStatus` rejects with `CallNotFound` when the API accepts the token. */
export const TOKEN_CHECK_CALL_SID = 'OUT-00000000-0000-0000-0000-000000000000';

/** The status of a call as the API returned it. */
export interface CallStatus {
  /** In the API's own spelling; see `classifyCallStatus`. */
  readonly status: string;
  /** Usually empty unless the call failed. */
  readonly reason: string;
}

/** The call to trigger. Source: the vendor's OpenAPI document, `triggerOutboundCall`. */
export interface TriggerCallRequest {
  /** In E.164 form (`+14155552671`), or a national number with `countryCode`. */
  readonly toNumber: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode?: string | undefined;
  /** Passed to the agent as SIP headers; under 26 KB in base64. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly encryption?: 'UDP/RTP' | 'UDP/SRTP' | 'TLS/RTP' | 'TLS/SRTP' | undefined;
}

/**
 * A client of PolyAI's outbound calling API, for one account. It keeps connections open between requests and enforces
 * request limits, so create one client and share it.
 */
export class PolyAiClient {
  readonly #dispatcher: Dispatcher;
  readonly #limiter: RequestLimiter;
  readonly #circuit = new AuthCircuitBreaker();
  readonly #sender: RequestSender;
  #triggers = 0;

  /**
   * @throws {TypeError} for a base URL that is not https or loopback, a token that is neither text nor a function, a limit that
   * is not a number, or a proxy in the environment that is not a URL
   * @throws {RangeError} for a limit that is not above 0
   */
  constructor(options: PolyAiClientOptions) {
    const {
      requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS,
      maxConcurrentRequests = DEFAULT_MAX_CONCURRENT_REQUESTS,
      maxRequestsPerSecond = Infinity,
    } = options;
    const { origin, pathname } = new URL(parseBaseUrl(options.baseUrl));
    checkLimits(options);
    this.#dispatcher = createDispatcher(origin, maxConcurrentRequests);
    this.#limiter = new RequestLimiter({ maxConcurrentRequests, maxRequestsPerSecond });
    this.#sender = new RequestSender({
      origin,
      basePath: pathname === '/' ? '' : pathname,
      timeoutMs: requestTimeoutMs,
      credentials: new CredentialSource(options.token),
      dispatcher: this.#dispatcher,
      limiter: this.#limiter,
      circuit: this.#circuit,
    });
  }

  /**
   * Set while the client throttles requests, because the API responded with 429 or failed for nearly all calls. During an outage
   * it sends at least one probe every 2 s; after the outage the rate doubles each second.
   */
  get throttling(): Throttling | undefined {
    return this.#limiter.throttling;
  }

  /**
   * Set while the API rejects the token: it responded with 401 or 403 to status requests of three calls, with no success since.
   * Meanwhile the client sends one status request every 16 to 24 s, and one at once when the token has changed; the others
   * fail as `Unauthorized` with `notSent`. The first success ends this.
   */
  get tokenRejection(): TokenRejection | undefined {
    return this.#circuit.tokenRejection;
  }

  /**
   * Requests the status of a call once; and once more when the API rejected the token and there is a new one.
   *
   * @throws {PolyAiError} for any response but a call status; see its `kind` and `retryable`
   * @throws {RangeError} for a `maxWaitMs` below 0
   */
  async getCallStatus(callSid: string, options: RequestOptions = {}): Promise<CallStatus> {
    if (!isCallSid(callSid)) throw new PolyAiError(INVALID_CALL_SID_MESSAGE, { kind: 'InvalidCallSid' });
    const request = {
      method: 'GET',
      path: `/v1/outbound-calling/${callSid}/status`,
      template: '/v1/outbound-calling/{call_sid}/status',
      subject: callSid,
      schema: callStatusBody,
    } as const;
    const { body, token } = await this.#sender.send(request, options);
    const isKnownStatus = classifyCallStatus(body.status).kind !== 'unknown';
    return {
      status: isKnownStatus ? body.status : redact(body.status, [token]),
      reason: body.reason ? redact(body.reason, [token]) : '',
    };
  }

  /**
   * Triggers a call. Not idempotent: a request that timed out may have dialled, so only `RateLimited` errors and those
   * that are `notSent` are `retryable`.
   *
   * @returns the call SID to monitor
   * @throws {PolyAiError} when the API did not accept the call, or when that is not known
   */
  async triggerCall(call: TriggerCallRequest, options: RequestOptions = {}): Promise<{ callSid: string }> {
    const request = {
      method: 'POST',
      path: '/v1/outbound-calling',
      template: '/v1/outbound-calling',
      payload: {
        to_number: call.toNumber,
        country_code: call.countryCode,
        metadata: call.metadata,
        encryption: call.encryption,
      },
      secrets: [call.toNumber, phoneNumberPattern(call.toNumber)],
      subject: `trigger ${(this.#triggers += 1)}`,
      schema: triggeredCallBody,
    } as const;
    let isWritten = false;
    const beforeWrite = (): void => {
      options.beforeWrite?.();
      isWritten = true;
    };
    try {
      const { body } = await this.#sender.send(request, { ...options, beforeWrite, urgent: true });
      return { callSid: body.call_sid };
    } catch (error) {
      throw asTriggerError(error, isWritten);
    }
  }

  /** Rejects requests that wait for the limiter, waits for those in progress, and closes the connections. */
  async close(): Promise<void> {
    this.#limiter.close();
    await this.#dispatcher.close();
  }
}

/** A trigger names no call that could be invalid or missing, and must not be repeated when it may have dialled. */
function asTriggerError(error: unknown, isWritten: boolean): unknown {
  if (!(error instanceof PolyAiError)) return error;
  const { kind } = error;
  const isRequestAtFault = kind === 'InvalidCallSid' || kind === 'CallNotFound';
  const notSent = error.notSent || !isWritten;
  return error.with({
    kind: isRequestAtFault ? 'RequestRejected' : kind,
    retryable: kind === 'RateLimited' || (notSent && kind !== 'Unauthorized'),
    notSent,
  });
}
