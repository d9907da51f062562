import type { Client } from '@temporalio/client';

import { CALL_SID_EXPECTATION, isCallSid } from '../contract/call.js';
import { monitorWorkflowId } from '../contract/names.js';
import { DEFAULT_EVERY_MS, MonitorWatcher } from './monitor-watcher.js';
import { type ClosedRun, monitorService, type SettledMonitor } from './server.js';

export interface AwaitMonitorsOptions {
  /**
   * Time between two questions to the server for what has ended, in milliseconds; at least 100.
   * @default 1_000
   */
  readonly everyMs?: number | undefined;
  /**
   * How many reads a second, on average, may look after monitors and fetch outcomes; an outcome takes two. At least 1.
   * @default 200
   */
  readonly maxReadsPerSecond?: number | undefined;
  /**
   * Ends the waiting, and the iteration, without an error; the monitors go on. At once, or within some 5 s while the server is
   * away: when the iteration has ended no request is left, and the connection can be closed.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Awaits the outcomes of many monitors, without a long poll for each, of which a namespace has 1,200 by default. Yields
 * each outcome once, soon after the monitor has ended: whichever ends first comes first.
 *
 * A call SID that is given twice while it is awaited counts once. A monitor that is not there when it is first looked for
 * has a `WorkflowNotFoundError` as its outcome: start monitors before you await them. Of a monitor that failed and was
 * started again the latest run counts.
 *
 * Requests: one list of closed monitors each `everyMs`, and one more for each further 1,000 monitors of the namespace that
 * closed in the last 10 s or so; three reads for each call in all; and, for what the list may miss, up to 20 reads a second
 * of monitors that were not looked at for a minute. All reads keep to `maxReadsPerSecond`. A server that cannot list, as the
 * time-skipping test server, is asked with reads alone. While the server is away or too busy the waiting goes on, more
 * slowly.
 *
 * @param client a Temporal client
 * @param callSids the calls; an asynchronous source may go on giving more for as long as it likes
 * @throws {TypeError} while iterating, for a call SID that cannot be one
 * @throws {ServiceError} while iterating, when the server refuses for good, such as for want of permission; outcomes that
 * have arrived are yielded first
 *
 * @example
 * for await (const { callSid, result, error } of awaitMonitors(client, callSids)) {
 *   console.log(callSid, result ? result.status : monitorFailureOf(error));
 * }
 */
export function awaitMonitors(
  client: Client,
  callSids: Iterable<string> | AsyncIterable<string>,
  { everyMs = DEFAULT_EVERY_MS, maxReadsPerSecond = 200, signal }: AwaitMonitorsOptions = {},
): AsyncGenerator<SettledMonitor, void, void> {
  if (!(everyMs >= 100)) throw new RangeError('everyMs is at least 100');
  if (!(maxReadsPerSecond >= 1)) throw new RangeError('maxReadsPerSecond is at least 1');
  return outcomesOf(new MonitorWatcher(monitorService(client), callSids, { everyMs, maxReadsPerSecond }), signal);
}

/** What a watch finds, as a generator that lets go of the watch however it ends. */
export function outcomesOf(watch: MonitorWatcher, signal?: AbortSignal): AsyncGenerator<SettledMonitor, void, void> {
  const stop = (): void => watch.stop();
  const outcomes = (async function* () {
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    try {
      yield* found(watch);
    } finally {
      stop();
      await watch.settled();
      signal?.removeEventListener('abort', stop);
    }
  })();
  const end = outcomes.return.bind(outcomes);
  // A generator's own `return` waits for a `next` that is under way, so that one must be told.
  outcomes.return = async () => {
    stop();
    return await end();
  };
  return outcomes;
}

async function* found(watch: MonitorWatcher): AsyncGenerator<SettledMonitor, void, void> {
  for (let outcome = await watch.next(); outcome; outcome = await watch.next()) yield outcome;
}

/** A monitor whose end is awaited. */
interface AwaitedMonitor {
  readonly callSid: string;
  readonly workflowId: string;
}

interface Place extends AwaitedMonitor {
  line: Set<Place> | undefined;
  /** The latest close that the list showed, and the latest of which a read has told that the monitor goes on. */
  closedAtMs: number;
  refutedAtMs: number;
  lookedAtMs: number;
}

/** The monitors that are awaited, and which of them to look at next. */
export class AwaitedMonitors {
  readonly #places = new Map<string, Place>();
  /** Seen closed. */
  readonly #closed = new Set<Place>();
  /** Not looked at yet, or not for long. */
  readonly #unsure = new Set<Place>();
  /** Going on when looked at; the one looked at the longest ago comes first. */
  readonly #resting = new Set<Place>();

  get size(): number {
    return this.#places.size;
  }

  /** @throws {TypeError} for a call SID that cannot be one */
  add(callSid: string): void {
    if (!isCallSid(callSid)) throw new TypeError(`invalid callSid: ${CALL_SID_EXPECTATION}`);
    const workflowId = monitorWorkflowId(callSid);
    if (this.#places.has(workflowId)) return;
    const place = { callSid, workflowId, line: undefined, closedAtMs: 0, refutedAtMs: 0, lookedAtMs: 0 };
    this.#places.set(workflowId, place);
    move(place, this.#unsure);
  }

  sawClosed({ workflowId, closedAtMs }: ClosedRun): void {
    const place = this.#places.get(workflowId);
    if (!place || closedAtMs <= place.closedAtMs) return;
    place.closedAtMs = closedAtMs;
    if (place.line) move(place, this.#closed);
  }

  /** Takes the next one to look at out of the line. */
  take(): AwaitedLook | undefined {
    const [place] = this.#closed.size > 0 ? this.#closed : this.#unsure;
    if (!place) return undefined;
    move(place, undefined);
    const { closedAtMs } = place;
    return {
      monitor: place,
      ended: () => void this.#places.delete(place.workflowId),
      goesOn: (nowMs) => {
        place.lookedAtMs = nowMs;
        // A run that the list showed before the look was not the latest; one that it showed meanwhile may be.
        place.refutedAtMs = closedAtMs;
        move(place, place.closedAtMs > closedAtMs ? this.#closed : this.#resting);
      },
      inVain: () => move(place, place.closedAtMs > place.refutedAtMs ? this.#closed : this.#unsure),
    };
  }

  /** Has those looked at that rest since before `sinceMs`, and at most so many at once. */
  doubt(sinceMs = Infinity, atMost = Infinity): void {
    for (const place of this.#resting) {
      if (place.lookedAtMs >= sinceMs || this.#unsure.size >= atMost) return;
      move(place, this.#unsure);
    }
  }
}

/** A look at a monitor, and what may come of it. */
export interface AwaitedLook {
  readonly monitor: AwaitedMonitor;
  ended(): void;
  goesOn(nowMs: number): void;
  inVain(): void;
}

function move(place: Place, line: Set<Place> | undefined): void {
  place.line?.delete(place);
  place.line = line;
  line?.add(place);
}
