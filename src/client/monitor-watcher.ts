import { EventEmitter, once } from 'node:events';

import { abortableSleep, onAbort } from '../platform/abortable.js';
import { classifyGrpcError, GRPC_STATUS, grpcStatusOf } from '../platform/grpc.js';
import { type MonitorCheck, MonitorQueue } from './monitor-queue.js';
import { type ClosedRun, ClosedRuns } from './closed-runs.js';
import type { MonitorService, SettledMonitor } from './monitor-service.js';
import { RequestPacer } from './request-pacer.js';

const READERS = 20;
/** Reading pauses while the consumer has not taken this many settled monitors. */
const MAX_BUFFERED = 100;
/** For what the list of closed runs misses: after how long a monitor is checked again, and how many a second. */
const RECHECK_AFTER_MS = 60_000;
const RECHECKS_PER_SECOND = 20;
const MAX_BACKOFF_MS = 10_000;

export interface WatchOptions {
  /** Time between two lists, in milliseconds. */
  readonly everyMs: number;
  readonly maxReadsPerSecond: number;
  readonly signal?: AbortSignal | undefined;
}

/** Watches monitors until each has ended. The generator stops all requests and timers however it ends. */
export function watchMonitors(
  service: MonitorService,
  callSids: Iterable<string> | AsyncIterable<string>,
  options: WatchOptions,
): AsyncGenerator<SettledMonitor, void, void> {
  const { signal } = options;
  const watcher = new MonitorWatcher(service, callSids, options);
  const settled = (async function* () {
    const stopListening = signal && onAbort(signal, () => watcher.stop());
    try {
      for (let next = await watcher.next(); next; next = await watcher.next()) yield next;
    } finally {
      watcher.stop();
      await watcher.untilNoRequest();
      stopListening?.();
    }
  })();
  const end = settled.return.bind(settled);
  // A generator's own `return` waits for a pending `next`, so that is ended first.
  settled.return = async () => {
    watcher.stop();
    return await end();
  };
  return settled;
}

/**
 * Four kinds of loops share one queue: one takes call SIDs from the source, one follows the list of closed runs, one makes
 * monitors due for a recheck, and the readers check what is due. Starts with the first `next`.
 */
class MonitorWatcher {
  readonly #service: MonitorService;
  readonly #callSids: Iterable<string> | AsyncIterable<string>;
  readonly #options: WatchOptions;
  readonly #pacer: RequestPacer;
  readonly #queue = new MonitorQueue();
  readonly #settled: SettledMonitor[] = [];
  /** Wakes all loops, and `next`, at any change of state: they check the state, and wait with no `await` in between. */
  readonly #changes = new EventEmitter<{ change: [] }>().setMaxListeners(0);
  readonly #controller = new AbortController();
  /** The loops that make requests. */
  readonly #requesting: Promise<void>[] = [];
  #isSourceDone = false;
  #canList = true;
  #failure: { readonly error: unknown } | undefined;

  constructor(service: MonitorService, callSids: Iterable<string> | AsyncIterable<string>, options: WatchOptions) {
    this.#service = service;
    this.#callSids = callSids;
    this.#options = options;
    this.#pacer = new RequestPacer(options.maxReadsPerSecond);
  }

  /** The next monitor that has ended; `undefined` when all have, or the watcher was stopped. */
  async next(): Promise<SettledMonitor | undefined> {
    this.#start();
    for (;;) {
      if (this.#isStopped && !this.#failure) return undefined;
      const settled = this.#settled.shift();
      if (settled) {
        this.#changes.emit('change');
        return settled;
      }
      if (this.#failure) throw this.#failure.error;
      if (this.#isSourceDone && this.#queue.size === 0) return undefined;
      await once(this.#changes, 'change');
    }
  }

  /** Resolves when a stopped watcher has no request in progress. Does not wait for the source of call SIDs. */
  async untilNoRequest(): Promise<void> {
    await Promise.all(this.#requesting);
    await this.#service.untilIdle();
  }

  /** Aborts requests and timers. */
  stop(): void {
    this.#controller.abort();
    this.#changes.emit('change');
  }

  get #signal(): AbortSignal {
    return this.#controller.signal;
  }

  get #isStopped(): boolean {
    return this.#signal.aborted;
  }

  #start(): void {
    if (this.#requesting.length > 0 || this.#isStopped) return;
    void this.#run(this.#takeCallSids());
    void this.#run(this.#recheck());
    this.#requesting.push(this.#run(this.#followClosedRuns()));
    for (let reader = 0; reader < READERS; reader++) this.#requesting.push(this.#run(this.#read()));
  }

  async #run(loop: Promise<void>): Promise<void> {
    try {
      await loop;
    } catch (error) {
      if (this.#isStopped) return;
      this.#failure = { error };
      this.stop();
    }
  }

  async #takeCallSids(): Promise<void> {
    const source = this.#callSids;
    const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    const release = async () => await iterator.return?.();
    // Not awaited: a generator that is waiting for something ends only afterwards.
    onAbort(this.#signal, () => void release().catch(() => undefined));
    for (;;) {
      const given = await iterator.next();
      if (this.#isStopped) return;
      if (given.done) break;
      this.#queue.add(given.value);
      this.#changes.emit('change');
    }
    this.#isSourceDone = true;
    this.#changes.emit('change');
  }

  async #followClosedRuns(): Promise<void> {
    const closedRuns = new ClosedRuns(this.#service);
    let isFollowing = false;
    let failures = 0;
    while (!this.#isStopped) {
      if (this.#queue.size === 0) {
        isFollowing = false;
        await once(this.#changes, 'change');
        continue;
      }
      try {
        if (!isFollowing) await this.#startFollowing(closedRuns);
        isFollowing = true;
        for await (const runs of closedRuns.next(this.#signal)) this.#markListedClosed(runs);
        failures = 0;
      } catch (error) {
        if (grpcStatusOf(error) === GRPC_STATUS.UNIMPLEMENTED) {
          this.#canList = false;
          return;
        }
        if (classifyGrpcError(error) === 'permanent') throw error;
        failures += 1;
      }
      await abortableSleep(this.#options.everyMs + readBackoffMs(failures), this.#signal);
    }
  }

  async #startFollowing(closedRuns: ClosedRuns): Promise<void> {
    await closedRuns.skipToEnd(this.#signal);
    // A monitor that was checked before may have closed since, before the position of the list.
    this.#queue.recheck();
    this.#changes.emit('change');
  }

  #markListedClosed(runs: readonly ClosedRun[]): void {
    for (const run of runs) this.#queue.markListedClosed(run);
    this.#changes.emit('change');
  }

  /** Makes monitors due whose last check is too long ago; all of them where the server cannot list. */
  async #recheck(): Promise<void> {
    while (!this.#isStopped) {
      if (this.#queue.size === 0) {
        await once(this.#changes, 'change');
        continue;
      }
      await abortableSleep(this.#canList ? 1_000 : this.#options.everyMs, this.#signal);
      if (this.#canList) this.#queue.recheck(performance.now() - RECHECK_AFTER_MS, RECHECKS_PER_SECOND);
      else this.#queue.recheck();
      this.#changes.emit('change');
    }
  }

  async #read(): Promise<void> {
    let failures = 0;
    while (!this.#isStopped) {
      const check = this.#settled.length < MAX_BUFFERED ? this.#queue.take() : undefined;
      if (!check) {
        await once(this.#changes, 'change');
        continue;
      }
      await this.#pacer.turn(this.#signal);
      if (this.#signal.aborted) return;
      failures = (await this.#check(check)) ? 0 : failures + 1;
      if (failures > 0) await abortableSleep(readBackoffMs(failures), this.#signal);
    }
  }

  /** @returns whether the server responded */
  async #check(check: MonitorCheck): Promise<boolean> {
    const { callSid, workflowId } = check;
    try {
      const settlement = await this.#service.readSettlement(workflowId, this.#signal);
      if (!settlement) {
        check.markStillRunning(performance.now());
        return true;
      }
      check.markCompleted();
      this.#settled.push({ callSid, ...settlement });
      this.#changes.emit('change');
      // A completion takes a second request.
      await this.#pacer.turn(this.#signal);
      return true;
    } catch (error) {
      if (classifyGrpcError(error) === 'permanent') throw error;
      check.markReadFailed();
      return false;
    } finally {
      this.#changes.emit('change');
    }
  }
}

/** 0 s, 0.5 s, 1 s, 2 s, … 10 s. */
function readBackoffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(250 * 2 ** failures, MAX_BACKOFF_MS);
}
