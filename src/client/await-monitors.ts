import type { Client } from '@temporalio/client';

import { DEFAULT_EVERY_MS, EndWatch } from './end-watch.js';
import { monitorEndings } from './monitor-endings.js';
import type { MonitorOutcome } from './monitor-outcome.js';

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
): AsyncGenerator<MonitorOutcome, void, void> {
  if (!(everyMs >= 100)) throw new RangeError('everyMs is at least 100');
  if (!(maxReadsPerSecond >= 1)) throw new RangeError('maxReadsPerSecond is at least 1');
  return outcomesOf(new EndWatch(monitorEndings(client), callSids, { everyMs, maxReadsPerSecond }), signal);
}

/** What a watch finds, as a generator that lets go of the watch however it ends. */
export function outcomesOf(watch: EndWatch, signal?: AbortSignal): AsyncGenerator<MonitorOutcome, void, void> {
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

async function* found(watch: EndWatch): AsyncGenerator<MonitorOutcome, void, void> {
  for (let outcome = await watch.next(); outcome; outcome = await watch.next()) yield outcome;
}
