/** A heartbeat is a write on the server and an action on Temporal Cloud, so a long poll sends one every 60 to 75 s only. */
const LONG_POLL_INTERVAL_MS = 60_000;

/** Random extra time, so that long polls that began together do not heartbeat together. Within the heartbeat timeout. */
const LONG_POLL_SPREAD_MS = 15_000;

const SINGLE_POLL_INTERVAL_MS = 1_000;

/** The delay before the next heartbeat of a long poll: 60 to 75 s, at random. */
export function longPollHeartbeatMs(): number {
  return LONG_POLL_INTERVAL_MS + Math.random() * LONG_POLL_SPREAD_MS;
}

/** The delay before the next heartbeat of a single poll. Its heartbeat timeout is short, so that a dead worker is noticed soon. */
export function singlePollHeartbeatMs(): number {
  return SINGLE_POLL_INTERVAL_MS;
}

/** Sends heartbeats until it is stopped. */
export class HeartbeatScheduler {
  #timer: NodeJS.Timeout;

  /** @param nextDelayMs gives the delay before each heartbeat */
  constructor(
    private readonly send: () => void,
    private readonly nextDelayMs: () => number,
  ) {
    this.#timer = setTimeout(this.#beat, nextDelayMs());
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  readonly #beat = (): void => {
    this.send();
    this.#timer = setTimeout(this.#beat, this.nextDelayMs());
  };
}
