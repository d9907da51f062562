/**
 * A way to monitor calls. Another shape is another file in this folder, listed in `index.mjs`.
 *
 * @typedef {object} Shape
 * @property {string} name
 * @property {string} about one line
 * @property {number} mostLive live calls up to which it is tried, unless `--beyond` says otherwise
 * @property {(context: ShapeContext) => Promise<RunningShape>} start on an empty server of its own; rejects with
 *   `UnavailableError` where this machine lacks something
 *
 * @typedef {object} ShapeContext
 * @property {Record<string, string>} env of a worker: the simulated API's address and token, the interval
 * @property {number} live calls that the worker is to carry at a time
 * @property {number} intervalMs
 * @property {string} folder empty, and removed after the run
 * @property {string} runId unlike every other run's
 * @property {import('../options.mjs').ForeignServer} foreignServer
 *
 * @typedef {object} RunningShape
 * @property {number[]} workerPids
 * @property {number[]} serverPids
 * @property {Promise<never>} failed rejects when one of its processes ends
 * @property {number} maxWaiters results that may be awaited at a time
 * @property {(callSid: string) => Promise<unknown>} begin resolves when the call is in the monitor's care
 * @property {(callSid: string) => Promise<unknown>} result resolves when the one who waits has the result
 * @property {(callSid: string) => Promise<number | undefined>} [closedAt] when the server closed it, epoch milliseconds;
 *   nothing while it runs
 * @property {(callSid: string) => Promise<{ events: number, actions: number }>} [cost] of a call that has ended, as far as
 *   its history tells
 * @property {() => Promise<number>} [heartbeats] that have reached the server
 * @property {() => Promise<unknown>} [runEmpty] starts a workflow that does nothing and has its result
 * @property {(unfinished: readonly string[]) => Promise<void>} stop
 */

/** This machine lacks what the shape needs. */
export class UnavailableError extends Error {
  /** @override */
  name = 'UnavailableError';
}
