import { abortableSleep } from '../platform/abortable.js';
import { classifyGrpcError, GRPC_STATUS, grpcStatusOf } from '../platform/grpc.js';
import { type AwaitedLook, AwaitedMonitors } from './await-monitors.js';
import { type ClosedRun, ClosedRuns, type MonitorService, type SettledMonitor } from './server.js';

export const DEFAULT_EVERY_MS = 1_000;

const READERS = 20;
/** Outcomes that nobody has taken; with more, nothing is read. */
const MAX_UNTAKEN = 100;
/** For what the list of closed runs does not show: after how long a monitor is looked at again, and how many a second. */
const REST_MS = 60_000;
const DOUBTS_PER_SECOND = 20;
const MAX_BACKOFF_MS = 10_000;

interface EndWatchSettings {
  readonly everyMs: number;
  readonly maxReadsPerSecond: number;
}

/** Watches many monitors until each has ended. Begins with the first `next`. */
export class MonitorWatcher {
  readonly #endings: MonitorService;
  readonly #callSids: Iterable<string> | AsyncIterable<string>;
  readonly #settings: EndWatchSettings;
  readonly #pace: Pace;
  readonly #awaited = new AwaitedMonitors();
  readonly #outcomes: SettledMonitor[] = [];
  /** Rings at whatever a loop may wait for. */
  readonly #bell = new Bell();
  /** One for each loop: Node warns of more than ten listeners on one signal. */
  readonly #loops: AbortController[] = [];
  readonly #asking: Promise<void>[] = [];
  #stopped = false;
  #allGiven = false;
  #listable = true;
  #failure: { readonly error: unknown } | undefined;

  constructor(endings: MonitorService, callSids: Iterable<string> | AsyncIterable<string>, settings: EndWatchSettings) {
    this.#endings = endings;
    this.#callSids = callSids;
    this.#settings = settings;
    this.#pace = new Pace(settings.maxReadsPerSecond);
  }

  /** The next outcome; `undefined` when all have been given, or the watch was stopped. */
  async next(): Promise<SettledMonitor | undefined> {
    this.#begin();
    for (;;) {
      if (this.#stopped && !this.#failure) return undefined;
      const outcome = this.#outcomes.shift();
      if (outcome) {
        this.#bell.ring();
        return outcome;
      }
      if (this.#failure) throw this.#failure.error;
      if (this.#allGiven && this.#awaited.size === 0) return undefined;
      await this.#bell.wait();
    }
  }

  /** When a stopped watch has no request left; a source of call SIDs is not waited for. */
  async settled(): Promise<void> {
    await Promise.all(this.#asking);
  }

  /** Ends requests and timers. */
  stop(): void {
    this.#stopped = true;
    for (const loop of this.#loops) loop.abort();
    this.#bell.ring();
  }

  #begin(): void {
    if (this.#loops.length > 0 || this.#stopped) return;
    void this.#loop((signal) => this.#takeCallSids(signal));
    void this.#loop((signal) => this.#doubt(signal));
    this.#asking.push(this.#loop((signal) => this.#followList(signal)));
    for (let reader = 0; reader < READERS; reader++) this.#asking.push(this.#loop((signal) => this.#read(signal)));
  }

  #loop(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    this.#loops.push(controller);
    return run(controller.signal).catch((error: unknown) => {
      if (this.#stopped) return;
      this.#failure = { error };
      this.stop();
    });
  }

  async #takeCallSids(signal: AbortSignal): Promise<void> {
    const source = this.#callSids;
    const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    // Not awaited: a generator that is waiting for something ends only afterwards.
    const letGo = async () => await iterator.return?.();
    signal.addEventListener('abort', () => void letGo().catch(() => undefined), { once: true });
    for (;;) {
      const given = await iterator.next();
      if (this.#stopped) return;
      if (given.done) break;
      this.#awaited.add(given.value);
      this.#bell.ring();
    }
    this.#allGiven = true;
    this.#bell.ring();
  }

  async #followList(signal: AbortSignal): Promise<void> {
    const closed = new ClosedRuns(this.#endings);
    let following = false;
    let failures = 0;
    while (!this.#stopped) {
      if (this.#awaited.size === 0) {
        following = false;
        await this.#bell.wait();
        continue;
      }
      try {
        if (!following) await this.#startFollowing(closed, signal);
        following = true;
        for await (const runs of closed.next(signal)) this.#sawClosed(runs);
        failures = 0;
      } catch (error) {
        if (grpcStatusOf(error) === GRPC_STATUS.UNIMPLEMENTED) {
          this.#listable = false;
          return;
        }
        if (classifyGrpcError(error) === 'permanent') throw error;
        failures += 1;
      }
      await abortableSleep(this.#settings.everyMs + backoffMs(failures), signal);
    }
  }

  async #startFollowing(closed: ClosedRuns, signal: AbortSignal): Promise<void> {
    await closed.skipToEnd(signal);
    // Whatever was looked at before may have ended since and stand before that end.
    this.#awaited.doubt();
    this.#bell.ring();
  }

  #sawClosed(runs: readonly ClosedRun[]): void {
    for (const run of runs) this.#awaited.sawClosed(run);
    this.#bell.ring();
  }

  /** Has monitors looked at that the list is silent about; all of them when there is no list. */
  async #doubt(signal: AbortSignal): Promise<void> {
    while (!this.#stopped) {
      if (this.#awaited.size === 0) {
        await this.#bell.wait();
        continue;
      }
      await abortableSleep(this.#listable ? 1_000 : this.#settings.everyMs, signal);
      if (this.#listable) this.#awaited.doubt(performance.now() - REST_MS, DOUBTS_PER_SECOND);
      else this.#awaited.doubt();
      this.#bell.ring();
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!this.#stopped) {
      const look = this.#outcomes.length < MAX_UNTAKEN ? this.#awaited.take() : undefined;
      if (!look) {
        await this.#bell.wait();
        continue;
      }
      await this.#pace.turn(signal);
      if (signal.aborted) return;
      failures = (await this.#lookAt(look, signal)) ? 0 : failures + 1;
      if (failures > 0) await abortableSleep(backoffMs(failures), signal);
    }
  }

  /** Whether the server gave an answer. */
  async #lookAt(look: AwaitedLook, signal: AbortSignal): Promise<boolean> {
    const { callSid, workflowId } = look.monitor;
    try {
      const end = await this.#endings.readSettlement(workflowId, signal);
      if (end) {
        look.ended();
        this.#outcomes.push({ callSid, ...end });
        this.#bell.ring();
        await this.#pace.turn(signal); // an end takes a second request
      } else look.goesOn(performance.now());
      return true;
    } catch (error) {
      if (classifyGrpcError(error) === 'permanent') throw error;
      look.inVain();
      return false;
    } finally {
      this.#bell.ring();
    }
  }
}

/** 0 s, 0.5 s, 1 s, 2 s, … 10 s. */
function backoffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(250 * 2 ** failures, MAX_BACKOFF_MS);
}

/** Wakes everyone who waits. Look, then wait: with no `await` between, no ring is missed. */
class Bell {
  #ring!: () => void;
  #rung!: Promise<void>;

  constructor() {
    this.#hang();
  }

  wait(): Promise<void> {
    return this.#rung;
  }

  ring(): void {
    const ring = this.#ring;
    this.#hang();
    ring();
  }

  #hang(): void {
    this.#rung = new Promise((resolve) => (this.#ring = resolve));
  }
}

/** What may be made up after a late timer, in milliseconds. */
const SLACK_MS = 100;

/** Gives out turns, at most so many a second. */
class Pace {
  readonly #spacingMs: number;
  #nextMs = 0;

  constructor(perSecond: number) {
    this.#spacingMs = 1_000 / perSecond;
  }

  async turn(signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    const turnMs = Math.max(this.#nextMs, nowMs - SLACK_MS);
    this.#nextMs = turnMs + this.#spacingMs;
    if (turnMs > nowMs) await abortableSleep(turnMs - nowMs, signal);
  }
}
