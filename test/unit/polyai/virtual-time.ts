import { onTestFinished, vi } from 'vitest';

interface Timer {
  readonly firesAtMs: number;
  readonly callback: () => void;
}

/**
 * Simulated time for thousands of concurrent polls: replaces the timers and clocks of the process until the test ends.
 * Vitest's fake timers do the same, but take a turn of the event loop for each timer, which makes such tests last minutes.
 */
export class VirtualTime {
  /** By the whole millisecond at which they fire. */
  readonly #timers = new Map<number, Set<Timer>>();
  #nowMs = 0;

  constructor(private readonly startedAt = Date.UTC(2026, 0, 15, 12)) {
    vi.useFakeTimers({ toFake: ['Date'], now: startedAt });
    vi.stubGlobal('performance', { now: () => this.#nowMs });
    vi.stubGlobal('setTimeout', (callback: () => void, ms?: number) => this.#start(callback, ms));
    vi.stubGlobal('clearTimeout', (timer?: Timer) => timer && this.#timers.get(timer.firesAtMs)?.delete(timer));
    onTestFinished(() => {
      vi.unstubAllGlobals();
      vi.useRealTimers();
    });
  }

  get pendingTimers(): number {
    return [...this.#timers.values()].reduce((count, { size }) => count + size, 0);
  }

  /** Lets this time pass: each timer that is due fires, then all promises settle. */
  async advance(ms: number): Promise<void> {
    await settled();
    for (const endMs = this.#nowMs + ms; this.#nowMs < endMs;) {
      this.#nowMs += 1;
      const due = this.#timers.get(this.#nowMs);
      if (!due) continue;
      this.#timers.delete(this.#nowMs);
      vi.setSystemTime(this.startedAt + this.#nowMs);
      for (const { callback } of due) callback();
      await settled();
    }
    vi.setSystemTime(this.startedAt + this.#nowMs);
  }

  #start(callback: () => void, ms = 0): Timer {
    const timer = { firesAtMs: Math.ceil(this.#nowMs + Math.max(1, ms)), callback };
    const sameTime = this.#timers.get(timer.firesAtMs) ?? new Set();
    this.#timers.set(timer.firesAtMs, sameTime.add(timer));
    return timer;
  }
}

/** Resolves in virtual time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Node runs `nextTick` callbacks that a promise has scheduled once no promise can continue. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Random numbers from 0 to 1, the same ones in each run. */
export function seededRandom(): () => number {
  let random = 1;
  return () => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return random / 2_147_483_648;
  };
}
