import type { Client } from '@temporalio/client';

import { watchMonitors } from './monitor-watcher.js';
import { checkEveryMs } from './every-ms.js';
import { monitorService, type SettledMonitor } from './monitor-service.js';
import { type NoWorkerOptions, NoWorkerWatch } from './no-worker.js';

export interface AwaitMonitorsOptions extends NoWorkerOptions {
  /**
   * Time between two requests for the list of closed monitors, in milliseconds; at least 100.
   * @default 1_000
   */
  readonly everyMs?: number | undefined;
  /**
   * How many monitors a second, on average, are read; one that has ended takes two reads. At least 1.
   * @default 200
   */
  readonly maxReadsPerSecond?: number | undefined;
  /**
   * Ends the iteration without an error; the monitors go on. At once, or within 5 s while the server is unreachable: when the
   * iteration has ended no request is left, and the connection can be closed.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Awaits many monitors, without a long poll for each, of which a namespace has 1,200 by default. Yields each monitor
 * once, soon after it has ended, in the order in which they end.
 *
 * A call SID that is given twice while it is awaited counts once. A monitor that does not exist at its first read settles with
 * a `WorkflowNotFoundError`: start monitors before you await them. For a monitor that failed and was started again,
 * the latest run counts.
 *
 * Requests: one list of closed monitors each `everyMs`, and one more for each further 1,000 monitors of the namespace that
 * closed in the last 10 s; three reads for each call in all; and, for monitors that the list may miss, up to 20 reads a second
 * of monitors whose last read was more than a minute ago. All reads keep to `maxReadsPerSecond`. A server that cannot list, such as the
 * time-skipping test server, gets only reads. While the server is unreachable or overloaded the iteration goes on, more
 * slowly.
 *
 * @param client a Temporal client
 * @param callSids the calls; an asynchronous source may give more at any time
 * @throws {RangeError} for an option out of its range
 * @throws {TypeError} while iterating, for a malformed call SID
 * @throws {ServiceError} while iterating, for a permanent error of the server, such as a missing permission; monitors that
 * have settled before are yielded first
 *
 * @example
 * for await (const { callSid, result, error } of awaitMonitors(client, callSids)) {
 *   console.log(callSid, result ? result.status : monitorFailureOf(error));
 * }
 */
export function awaitMonitors(
  client: Client,
  callSids: Iterable<string> | AsyncIterable<string>,
  { everyMs = 1_000, maxReadsPerSecond = 200, signal, onNoWorker }: AwaitMonitorsOptions = {},
): AsyncGenerator<SettledMonitor, void, void> {
  checkEveryMs(everyMs, 100);
  if (!(maxReadsPerSecond >= 1)) throw new RangeError('maxReadsPerSecond must be at least 1');
  return watchMonitors(monitorService(client, new NoWorkerWatch(client, { onNoWorker })), callSids, {
    everyMs,
    maxReadsPerSecond,
    signal,
  });
}
