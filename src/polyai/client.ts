import type { Agent } from 'undici';

import { CALL_SID_EXPECTATION, classifyCallStatus, isCallSid } from '../contract/call.js';
import { RefusalCircuit, type TokenRejection } from './auth-circuit.js';
import { CredentialSource } from './credentials.js';
import { PolyAiError } from './errors.js';
import { createHttpAgent } from './http.js';
import { RequestGate, type Throttling } from './limiter.js';
import { checkLimits, type PolyAiClientOptions } from './options.js';
import { phoneNumberPattern, redact } from './redact.js';
import { parseBaseUrl } from './regions.js';
import { RequestSender } from './send.js';
import { callStatusBody, triggeredCallBody } from './wire.js';

export interface RequestOptions {
  /** Ends the request, or its wait to be sent; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long the request may wait to be sent, in milliseconds: for others that are under way, for `maxRequestsPerSecond`,
   * or while the API is in trouble. Then it is given up, with a `PolyAiError` that is `notSent`.
   * @default no limit
   */
  readonly maxWaitMs?: number | undefined;
  /**
   * Whether to send it though the token is refused to other calls (see `PolyAiClient.tokenRejection`): for the first question about a
   * call, which is not to fail for what others were told.
   * @default false
   */
  readonly bypassCircuit?: boolean | undefined;
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

/**
 * A client of PolyAI's outbound calling API. Keeps its connections open between requests, and its requests within the
 * limits of the account: make one and share it.
 */
export class PolyAiClient {
  readonly #connections: Agent;
  readonly #gate: RequestGate;
  readonly #circuit = new RefusalCircuit();
  readonly #sender: RequestSender;
  #triggers = 0;

  /**
   * @throws {TypeError} for a base URL that is not https or loopback, or a limit that is not a number
   * @throws {RangeError} for a limit that is not above 0
   */
  constructor(options: PolyAiClientOptions) {
    const { requestTimeoutMs = 10_000, maxConcurrentRequests = 128, maxRequestsPerSecond = Infinity } = options;
    const { origin, pathname } = new URL(parseBaseUrl(options.baseUrl));
    checkLimits(options);
    this.#connections = createHttpAgent(maxConcurrentRequests);
    this.#gate = new RequestGate({ maxConcurrentRequests, maxRequestsPerSecond });
    this.#sender = new RequestSender({
      origin,
      basePath: pathname === '/' ? '' : pathname,
      timeoutMs: requestTimeoutMs,
      credentials: new CredentialSource(options.token),
      connections: this.#connections,
      gate: this.#gate,
      circuit: this.#circuit,
    });
  }

  /**
   * Set while the API is in trouble, and fewer requests are sent than are wanted: it answered 429, or failed widely. Then
   * an outage is probed by few requests, one in 2 s at the least, and twice as many go each second once it is over.
   */
  get throttling(): Throttling | undefined {
    return this.#gate.slowdown;
  }

  /**
   * Set while the API refuses the token: 401 or 403 to status requests for three calls, and no good answer since. Then one
   * status request is sent each 16 to 24 s, and one at once when the token has changed; the others end as `Unauthorized`
   * that is `notSent`. The first good answer ends it.
   */
  get tokenRejection(): TokenRejection | undefined {
    return this.#circuit.refusal;
  }

  /**
   * Asks for the status of a call, once; and once more when the token was refused and there is another by then.
   *
   * @throws {PolyAiError} for anything but a call status; `kind` and `retryable` say what to do
   * @throws {RangeError} for a `maxWaitMs` below 0
   */
  async getCallStatus(callSid: string, options: RequestOptions = {}): Promise<CallStatus> {
    if (!isCallSid(callSid))
      throw new PolyAiError(`invalid call SID: ${CALL_SID_EXPECTATION}`, { kind: 'InvalidCallSid' });
    const path = `/v1/outbound-calling/${callSid}/status`;
    const request = { method: 'GET', path, caller: callSid, schema: callStatusBody } as const;
    const { body, token } = await this.#sender.send(request, options);
    const isContractWord = classifyCallStatus(body.status).kind !== 'unknown';
    return {
      status: isContractWord ? body.status : redact(body.status, [token]),
      reason: body.reason ? redact(body.reason, [token]) : '',
    };
  }

  /**
   * Has the agent dial a number. Not idempotent: a request that timed out may have dialled, so only one that was
   * `RateLimited` or `notSent` is `retryable`.
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
    const secrets = [call.toNumber, phoneNumberPattern(call.toNumber)];
    const caller = `trigger ${(this.#triggers += 1)}`;
    const request = {
      method: 'POST',
      path: '/v1/outbound-calling',
      payload,
      secrets,
      caller,
      schema: triggeredCallBody,
    } as const;
    try {
      const { body } = await this.#sender.send(request, options);
      return { callSid: body.call_sid };
    } catch (error) {
      throw asTriggerError(error);
    }
  }

  /** Closes the connections; requests that are under way are waited for, those that wait to be sent are refused. */
  async close(): Promise<void> {
    this.#gate.close();
    await this.#connections.close();
  }
}

/** A trigger names no call that could be wrong or missing, and must not be sent again if it may have been carried out. */
function asTriggerError(error: unknown): unknown {
  if (!(error instanceof PolyAiError)) return error;
  const isRequestAtFault = error.kind === 'InvalidCallSid' || error.kind === 'CallNotFound';
  return error.with({
    kind: isRequestAtFault ? 'RequestRejected' : error.kind,
    retryable: error.kind === 'RateLimited' || error.notSent,
  });
}
