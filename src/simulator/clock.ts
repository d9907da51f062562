/** The clock that scripts run by. It goes on running from the time it is set to. */
export interface SimulatorClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Moves the clock by `ms`; back when negative. */
  advance(ms: number): void;
  /** Sets the clock to a time in epoch milliseconds. */
  set(epochMs: number): void;
}

/** Makes an adjustable clock from another one. */
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
