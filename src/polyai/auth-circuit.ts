import { jitter } from '../contract/pacing.js';
import { PolyAiError } from './errors.js';

/** So many different calls must have been refused. */
const CALLS_TO_OPEN = 3;

/**
 * A call that has never had a good answer may be another account's. It counts only where nothing has had one for so long:
 * thousands that are started with the wrong account must not stop those of this one.
 */
const SILENCE_MS = 10_000;

/** So many calls are remembered to have had a good answer; more live ones than a worker holds. */
const MAX_KNOWN_CALLS = 20_000;

/** Jittered; never longer than the shortest wait in a credential hold, so that a monitor that is alone always probes. */
const PROBE_EVERY_MS = 20_000;

/** So many tokens in a row are tried as soon as they come; a function that gives another each time is no way around. */
const NEW_TOKENS_AT_ONCE = 3;

/** That the API refuses the token to all calls, and few status requests are sent. */
export interface TokenRejection {
  /** When the first of the calls was refused. ISO 8601 UTC. */
  readonly since: string;
  /** What the API answered last; holds neither token nor phone number. */
  readonly message: string;
}

/** A status request that was refused. */
interface RefusedRequest {
  readonly callSid: string;
  readonly token: string;
  readonly sentAtMs: number;
  readonly message: string;
}

interface CircuitOptions {
  /** Milliseconds of a clock that never goes back; `performance.now` unless a test has its own. */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1. */
  readonly random?: (() => number) | undefined;
}

interface Opening {
  readonly since: string;
  message: string;
  /** When the latest request was sent that was refused. */
  refusedSentAtMs: number;
  /** The latest that was tried. */
  token: string;
  newTokens: number;
  probeDueAtMs: number;
}

/**
 * Keeps the status requests of one account back while its token is refused: but for one probe now and then, for all calls
 * together. Opens when several calls have been refused with no good answer since, and closes with the first good answer.
 */
export class RefusalCircuit {
  readonly #now: () => number;
  readonly #random: () => number;
  /** The calls that were refused, while the circuit is closed. */
  readonly #refused = new Map<string, { readonly sentAtMs: number; readonly at: number }>();
  readonly #known = new Set<string>();
  #acceptedSentAtMs = -Infinity;
  #opening: Opening | undefined;

  constructor({ now = () => performance.now(), random = Math.random }: CircuitOptions = {}) {
    this.#now = now;
    this.#random = random;
  }

  get isOpen(): boolean {
    return this.#opening !== undefined;
  }

  get refusal(): TokenRejection | undefined {
    return this.#opening && { since: this.#opening.since, message: this.#opening.message };
  }

  /** Why a request with this token would not be sent now; nothing when it would be. */
  objection(token: string): PolyAiError | undefined {
    const opening = this.#opening;
    if (!opening || this.#now() >= opening.probeDueAtMs) return undefined;
    if (token !== opening.token && opening.newTokens < NEW_TOKENS_AT_ONCE) return undefined;
    const { since, message } = opening;
    return new PolyAiError(`not sent: the token has been rejected since ${since} (${message})`, {
      kind: 'Unauthorized',
      notSent: true,
    });
  }

  /**
   * Lets a request through, as the probe if one is due.
   *
   * @throws {PolyAiError} `Unauthorized` and `notSent`, when it is not to be sent
   */
  admit(token: string): void {
    const opening = this.#opening;
    if (!opening) return;
    const objection = this.objection(token);
    if (objection) throw objection;
    if (token !== opening.token) opening.newTokens += 1;
    opening.token = token;
    this.#planProbe(opening);
  }

  /** The API has taken the token of a request. */
  accepted(callSid: string, sentAtMs: number): void {
    this.#remember(callSid);
    this.#acceptedSentAtMs = Math.max(this.#acceptedSentAtMs, sentAtMs);
    // An answer to an older request than one that was refused says nothing of the token now.
    if (this.#opening && sentAtMs >= this.#opening.refusedSentAtMs) this.#opening = undefined;
    for (const [other, refused] of this.#refused) if (refused.sentAtMs <= sentAtMs) this.#refused.delete(other);
  }

  /** The API has refused the token of a request, and there is no other token. */
  refused({ callSid, token, sentAtMs, message }: RefusedRequest): void {
    if (sentAtMs < this.#acceptedSentAtMs) return;
    if (this.#opening) {
      this.#opening.message = message;
      this.#opening.refusedSentAtMs = Math.max(this.#opening.refusedSentAtMs, sentAtMs);
      return;
    }
    if (!this.#known.has(callSid) && sentAtMs - this.#acceptedSentAtMs < SILENCE_MS) return;
    const at = this.#refused.get(callSid)?.at ?? Date.now();
    this.#refused.set(callSid, { sentAtMs, at });
    if (this.#refused.size >= CALLS_TO_OPEN) this.#open(token, message);
  }

  #remember(callSid: string): void {
    this.#known.add(callSid);
    if (this.#known.size <= MAX_KNOWN_CALLS) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }

  #open(token: string, message: string): void {
    const refused = [...this.#refused.values()];
    const since = new Date(Math.min(...refused.map(({ at }) => at))).toISOString();
    const refusedSentAtMs = Math.max(...refused.map(({ sentAtMs }) => sentAtMs));
    this.#opening = { since, message, refusedSentAtMs, token, newTokens: 0, probeDueAtMs: 0 };
    this.#planProbe(this.#opening);
    this.#refused.clear();
  }

  #planProbe(opening: Opening): void {
    opening.probeDueAtMs = this.#now() + jitter(PROBE_EVERY_MS, this.#random());
  }
}
