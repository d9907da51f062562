/** The clock that calls live by. It runs on from wherever it is put. */
export interface SimulatorClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Moves the clock by so many milliseconds; back when negative. */
  advance(ms: number): void;
  /** Puts the clock to an instant, epoch milliseconds. */
  set(epochMs: number): void;
}

/** A movable clock over another one. */
export function createSimulatorClock(base: () => number): SimulatorClock {
  let offsetMs = 0;
  return {
    now: () => base() + offsetMs,
    advance: (ms) => {
      offsetMs += ms;
    },
    set: (epochMs) => {
      offsetMs = epochMs - base();
    },
  };
}
