import type { PolyAiError, PolyAiErrorKind } from './errors.js';
import { RateMeter } from './token-bucket.js';

/** An outage is probed this often: one request every 2 s. */
const FLOOR = 0.5;
/** The least demand to reckon with, in requests per second: a few calls need no slowing down. */
const LEAST_DEMAND = 10;
/** What an API that is back is taken to bear, whatever little was asked of it before. */
const LEAST_THRESHOLD = 100;
/** A limit so many times the demand is none. */
const WELL_ABOVE = 1.5;
const DECREASE_EVERY_MS = 1_000;
/** So many calls must have failed, or been refused for the rate limit, before anything is slowed down. */
const CALLERS_TO_CLOSE = { failed: 10, limited: 3 } as const;
/** Past the threshold the limit grows by this share of the usual demand each second. */
const ADDITIVE_SHARE = 1 / 30;
/** With nothing sent for so long, what was learned is worth nothing. */
const FORGET_AFTER_MS = 60_000;

/** Why a request failed, in words that are fit for a log. */
export interface Trouble {
  readonly kind: PolyAiErrorKind;
  readonly message: string;
}

/** One answer of the API, or that there was none. Times are milliseconds of any one clock. */
export interface Answer {
  readonly verdict: Verdict;
  /** Whom it concerns: a call. */
  readonly caller: string;
  readonly sentAtMs: number;
  readonly nowMs: number;
  /** Whether further requests wait for this limit to grow. */
  readonly isBacklogged: boolean;
  /** There when the verdict is not `up`. */
  readonly trouble?: Trouble | undefined;
}

/**
 * How many requests per second the API seems to bear: no limit, until it answers 429 or fails widely. Then as TCP does:
 * half as many, at most once a second; after good answers one more for each (twice as many each second), and past the
 * threshold, where trouble may begin, steadily more.
 */
export class AdaptiveRate {
  readonly #window = new AnswerWindow();
  readonly #sent: RateMeter;
  #sentAtMs: number;
  #limit = Infinity;
  #threshold = Infinity;
  /** Requests per second before the trouble began. */
  #usual = Infinity;
  #decreasedAtMs = -Infinity;
  #troubles = { failed: 0, limited: 0 };
  /** When the first request since the decrease was sent that had a good answer. */
  #goodSinceMs: number | undefined;
  #closed: { readonly trouble: Trouble; readonly sinceMs: number } | undefined;

  constructor(nowMs: number) {
    this.#sent = new RateMeter(nowMs);
    this.#sentAtMs = nowMs;
  }

  /** Requests per second; `Infinity` while nothing is wrong. */
  get limit(): number {
    return this.#limit;
  }

  /** What the limit is for, the latest trouble, and since when there has been one; `undefined` while there is none. */
  get closed(): { readonly trouble: Trouble; readonly sinceMs: number } | undefined {
    return this.#closed;
  }

  sent(nowMs: number): void {
    if (nowMs - this.#sentAtMs > FORGET_AFTER_MS) this.#lift();
    this.#sentAtMs = nowMs;
    this.#sent.add(nowMs);
  }

  answered(answer: Answer): void {
    if (this.#isOvertaken(answer)) return;
    const { verdict, nowMs, caller } = answer;
    this.#window.add(verdict, caller, nowMs);
    if (verdict === 'up') this.#grow(answer);
    else if (this.#isWorse(verdict, answer)) this.#decrease(verdict, answer);
  }

  /** Trouble that later requests did not have any more, or that the last decrease has dealt with. */
  #isOvertaken({ verdict, sentAtMs }: Answer): boolean {
    if (verdict === 'limited') return sentAtMs < this.#decreasedAtMs;
    return verdict === 'failed' && this.#goodSinceMs !== undefined && sentAtMs < this.#goodSinceMs;
  }

  #isWorse(verdict: 'failed' | 'limited', { nowMs }: Answer): boolean {
    if (verdict === 'failed' && !this.#window.isMostlyFailing(nowMs)) return false;
    const needed = CALLERS_TO_CLOSE[verdict];
    if (this.#limit === Infinity) return this.#window.callers(verdict, nowMs) >= needed;
    this.#troubles[verdict] += 1;
    const isTime = nowMs - this.#decreasedAtMs >= DECREASE_EVERY_MS;
    return isTime && this.#troubles[verdict] >= Math.min(needed, Math.ceil(this.#limit));
  }

  #decrease(verdict: 'failed' | 'limited', { nowMs, trouble }: Answer): void {
    const demand = Math.max(this.#sent.perSecond(nowMs), LEAST_DEMAND);
    if (this.#limit === Infinity) {
      this.#usual = Math.max(this.#sent.peakPerSecond(nowMs), demand);
      // An outage is not of the requests' making, and what was borne before it will be borne after it.
      this.#threshold = verdict === 'limited' ? demand / 2 : Math.max(this.#usual, LEAST_THRESHOLD);
    } else if (this.#goodSinceMs !== undefined) {
      this.#threshold = Math.max(this.#limit / 2, FLOOR);
    }
    const base = verdict === 'limited' ? Math.min(this.#limit, demand) : Math.min(this.#limit, this.#sentRate(nowMs));
    this.#limit = Math.max(base / 2, FLOOR);
    this.#decreasedAtMs = nowMs;
    this.#goodSinceMs = undefined;
    this.#troubles = { failed: 0, limited: 0 };
    if (trouble) this.#closed = { trouble, sinceMs: this.#closed?.sinceMs ?? nowMs };
  }

  /** At least 1: a second without a request says nothing. */
  #sentRate(nowMs: number): number {
    return Math.max(this.#sent.perSecond(nowMs), 1);
  }

  #grow({ nowMs, sentAtMs, isBacklogged }: Answer): void {
    if (this.#limit === Infinity || sentAtMs < this.#decreasedAtMs) return;
    this.#goodSinceMs ??= sentAtMs;
    const isSlowStart = this.#limit < this.#threshold;
    const step = Math.max(1, this.#usual * ADDITIVE_SHARE);
    this.#limit += isSlowStart ? 1 : step / Math.max(this.#limit, 1);
    const isWellAboveDemand = this.#limit >= WELL_ABOVE * this.#sent.perSecond(nowMs) + LEAST_DEMAND;
    if (isWellAboveDemand && !isBacklogged) this.#lift();
  }

  #lift(): void {
    this.#limit = Infinity;
    this.#threshold = Infinity;
    this.#goodSinceMs = undefined;
    this.#closed = undefined;
  }
}

const SLOT_MS = 1_000;
const SLOTS = 3;
/** More callers of one kind than this are not told apart. */
const MAX_CALLERS = 16;

/** What an answer says of the API: it works, it refuses for the sake of its rate limit, or it fails. */
export type Verdict = 'up' | 'limited' | 'failed';

interface Slot {
  number: number;
  answers: number;
  failures: number;
  readonly failed: Set<string>;
  readonly limited: Set<string>;
}

/** The answers of the last two to three seconds. */
class AnswerWindow {
  readonly #slots: readonly Slot[] = Array.from({ length: SLOTS }, () => ({
    number: -1,
    answers: 0,
    failures: 0,
    failed: new Set<string>(),
    limited: new Set<string>(),
  }));

  /** @param caller whom the answer concerns: a call, as a rule */
  add(verdict: Verdict, caller: string, nowMs: number): void {
    const slot = this.#slotAt(nowMs);
    slot.answers += 1;
    if (verdict === 'up') return;
    if (verdict === 'failed') slot.failures += 1;
    const callers = slot[verdict];
    if (callers.size < MAX_CALLERS) callers.add(caller);
  }

  /** Whether at least half of the answers are failures. */
  isMostlyFailing(nowMs: number): boolean {
    let answers = 0;
    let failures = 0;
    for (const slot of this.#current(nowMs)) {
      answers += slot.answers;
      failures += slot.failures;
    }
    return failures > 0 && failures * 2 >= answers;
  }

  /** How many callers had such an answer, up to a bound: one that asks again and again counts once. */
  callers(verdict: 'limited' | 'failed', nowMs: number): number {
    const callers = new Set<string>();
    for (const slot of this.#current(nowMs)) for (const caller of slot[verdict]) callers.add(caller);
    return callers.size;
  }

  #current(nowMs: number): readonly Slot[] {
    const oldest = Math.floor(nowMs / SLOT_MS) - SLOTS + 1;
    return this.#slots.filter(({ number }) => number >= oldest);
  }

  #slotAt(nowMs: number): Slot {
    const number = Math.floor(nowMs / SLOT_MS);
    const slot = this.#slots[number % SLOTS]!;
    if (slot.number !== number) {
      Object.assign(slot, { number, answers: 0, failures: 0 });
      slot.failed.clear();
      slot.limited.clear();
    }
    return slot;
  }
}

/** What an error says of the API as a whole. One that blames the request comes from an API that works. */
export function verdictOn({ kind }: PolyAiError): Verdict {
  switch (kind) {
    case 'RateLimited':
      return 'limited';
    case 'PolyAiUnavailable':
    case 'InvalidResponse':
      return 'failed';
    default:
      return 'up';
  }
}
