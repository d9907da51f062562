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
export class AnswerWindow {
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
