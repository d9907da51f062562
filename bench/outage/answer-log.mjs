/** What the simulated API answered: how much each second, and when each call first had a good answer. */
export class AnswerLog {
  /** @type {Map<number, { good: number, refused: number }>} */
  #seconds = new Map();
  /** @type {Map<string, number>} */
  #firstGood = new Map();

  /** From now on who has a good answer is noted anew. */
  startOver() {
    this.#firstGood.clear();
  }

  /** @param {import('../../dist/simulator/index.js').RecordedRequest} request that has been answered */
  add({ callSid, at, status }) {
    const second = Math.floor(at / 1_000);
    const count = this.#seconds.get(second) ?? { good: 0, refused: 0 };
    this.#seconds.set(second, count);
    if (status === 200) count.good += 1;
    else count.refused += 1;
    if (status === 200 && callSid && !this.#firstGood.has(callSid)) {
      this.#firstGood.set(callSid, at);
    }
  }

  /** Fit for `process.send`. */
  report() {
    return {
      perSecond: [...this.#seconds].map(([second, { good, refused }]) => ({ second, good, refused })),
      firstGood: [...this.#firstGood],
    };
  }
}
