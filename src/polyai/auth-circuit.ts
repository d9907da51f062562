import { jitter } from '../contract/pacing.js';
import { PolyAiError } from './errors.js';

/** How many different calls the API must have rejected. */
const CALLS_TO_OPEN = 3;

/**
 * A call without a successful request may belong to another account. Its rejections count only when no request has succeeded
 * for this long: thousands of calls started with the wrong account must not stop polling of this account's calls.
 */
const NO_SUCCESS_MS = 10_000;

/** Calls remembered to have had a success; more than a worker monitors at once. */
const MAX_KNOWN_CALLS = 20_000;

/** Jittered. Never longer than the shortest wait in `credential-hold`, so that a single monitor always finds a probe due. */
const PROBE_INTERVAL_MS = 20_000;

/** New tokens in a row that are tried at once: a function that returns another token each time must not evade the circuit. */
const MAX_NEW_TOKENS = 3;

/** The API rejects the token for all calls, and status requests are stopped except for probes. */
export interface TokenRejection {
  /** When the first of the calls was rejected. ISO 8601 UTC. */
  readonly since: string;
  /** The API's latest response; contains neither token nor phone number. */
  readonly message: string;
}

/** A status request with a 401 or 403 response. Times are by `performance.now()`. */
export interface RejectedRequest {
  readonly callSid: string;
  readonly token: string;
  readonly sentAtMs: number;
  readonly message: string;
}

interface OpenState {
  readonly since: string;
  message: string;
  /** When the latest rejected request was sent. */
  rejectedSentAtMs: number;
  /** The token that was tried last. */
  token: string;
  newTokens: number;
  probeDueAtMs: number;
}

/**
 * The circuit breaker of an account's status requests. It opens when the API has rejected several calls with no success
 * since. While it is open, only one probe per interval is sent, for all calls together. The first success closes it.
 */
export class AuthCircuitBreaker {
  /** The calls rejected while the circuit is closed. `rejectedAt` is epoch milliseconds of the first rejection. */
  readonly #rejected = new Map<string, { readonly sentAtMs: number; readonly rejectedAt: number }>();
  readonly #knownCalls = new Set<string>();
  #succeededSentAtMs = -Infinity;
  #open: OpenState | undefined;

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  get tokenRejection(): TokenRejection | undefined {
    return this.#open && { since: this.#open.since, message: this.#open.message };
  }

  /** The error of a request with this token that would not be sent now; `undefined` when it would be. */
  rejection(token: string): PolyAiError | undefined {
    const open = this.#open;
    if (!open || performance.now() >= open.probeDueAtMs) return undefined;
    if (token !== open.token && open.newTokens < MAX_NEW_TOKENS) return undefined;
    const message = `not sent: the token has been rejected since ${open.since} (${open.message})`;
    return new PolyAiError(message, { kind: 'Unauthorized', notSent: true });
  }

  /**
   * Permits a request with this token; as the probe, if one is due.
   *
   * @throws {PolyAiError} `Unauthorized` and `notSent`, when the request must not be sent
   */
  acquire(token: string): void {
    const open = this.#open;
    if (!open) return;
    const rejection = this.rejection(token);
    if (rejection) throw rejection;
    if (token !== open.token) open.newTokens += 1;
    open.token = token;
    scheduleProbe(open);
  }

  /** Records that the API accepted the token of a request. */
  recordSuccess(callSid: string, sentAtMs: number): void {
    this.#rememberCall(callSid);
    this.#succeededSentAtMs = Math.max(this.#succeededSentAtMs, sentAtMs);
    // The response to a request from before the latest rejection says nothing about the token now.
    if (this.#open && sentAtMs >= this.#open.rejectedSentAtMs) this.#open = undefined;
    for (const [call, rejected] of this.#rejected) if (rejected.sentAtMs <= sentAtMs) this.#rejected.delete(call);
  }

  /** Records that the API rejected the token of a request, and that there is no other token. */
  recordRejection({ callSid, token, sentAtMs, message }: RejectedRequest): void {
    if (sentAtMs < this.#succeededSentAtMs) return;
    if (this.#open) {
      this.#open.message = message;
      this.#open.rejectedSentAtMs = Math.max(this.#open.rejectedSentAtMs, sentAtMs);
      return;
    }
    if (!this.#knownCalls.has(callSid) && sentAtMs - this.#succeededSentAtMs < NO_SUCCESS_MS) return;
    const rejectedAt = this.#rejected.get(callSid)?.rejectedAt ?? Date.now();
    this.#rejected.set(callSid, { sentAtMs, rejectedAt });
    if (this.#rejected.size < CALLS_TO_OPEN) return;
    const rejected = [...this.#rejected.values()];
    this.#open = {
      since: new Date(Math.min(...rejected.map((call) => call.rejectedAt))).toISOString(),
      message,
      rejectedSentAtMs: Math.max(...rejected.map((call) => call.sentAtMs)),
      token,
      newTokens: 0,
      probeDueAtMs: 0,
    };
    scheduleProbe(this.#open);
    this.#rejected.clear();
  }

  #rememberCall(callSid: string): void {
    this.#knownCalls.add(callSid);
    if (this.#knownCalls.size <= MAX_KNOWN_CALLS) return;
    const [oldest] = this.#knownCalls;
    this.#knownCalls.delete(oldest!);
  }
}

function scheduleProbe(open: OpenState): void {
  open.probeDueAtMs = performance.now() + jitter(PROBE_INTERVAL_MS, Math.random());
}
