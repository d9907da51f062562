import { clearInterval, setInterval } from 'node:timers';
import { cpuMs, residentBytes } from './process-usage.mjs';
import { percentile } from './statistics.mjs';

const LOOK_EVERY_MS = 1_000;

/**
 * What processes use, and what polls and heartbeats come in, over a while; a figure that could not be had is left out.
 *
 * @typedef {object} Used
 * @property {number} fromAt epoch milliseconds
 * @property {number} toAt
 * @property {number} pollsMade of live calls
 * @property {number} pollsInAll those after a call's end included
 * @property {number} [workerCpuMs]
 * @property {number} [serverCpuMs]
 * @property {number} [simulatorCpuMs]
 * @property {number} clientCpuMs of this process, which starts the calls and waits for their results
 * @property {number} [heartbeats] that reached the server
 * @property {number} [workerBytes] the most memory that the worker had
 * @property {number} [usualWorkerBytes] the median of what it had
 */

/** @typedef {{ shape: import('./shapes/shape.mjs').RunningShape, simulator: import('./child.mjs').Child }} Measured */

/**
 * @param {Measured} measured
 * @param {() => Promise<unknown>} meanwhile
 * @returns {Promise<Used>}
 */
export async function measureUsage(measured, meanwhile) {
  /** @type {number[]} */
  const memory = [];
  // Reading the server's metrics costs it some time: outside of what is counted.
  const heartbeatsBefore = await measured.shape.heartbeats?.();
  const before = await look(measured);
  const timer = setInterval(() => memory.push(...workerBytes(measured.shape)), LOOK_EVERY_MS).unref();
  try {
    await meanwhile();
  } finally {
    clearInterval(timer);
  }
  memory.push(...workerBytes(measured.shape));
  const after = await look(measured);
  const heartbeatsAfter = await measured.shape.heartbeats?.();
  const most = memory.sort((a, b) => a - b).at(-1);
  return {
    fromAt: before.at,
    toAt: after.at,
    pollsMade: after.live - before.live,
    pollsInAll: after.live + after.afterEnd - before.live - before.afterEnd,
    clientCpuMs: after.clientCpuMs - before.clientCpuMs,
    ...difference('workerCpuMs', before.workerCpuMs, after.workerCpuMs),
    ...difference('serverCpuMs', before.serverCpuMs, after.serverCpuMs),
    ...difference('simulatorCpuMs', before.simulatorCpuMs, after.simulatorCpuMs),
    ...difference('heartbeats', heartbeatsBefore, heartbeatsAfter),
    ...(most !== undefined && { workerBytes: most, usualWorkerBytes: percentile(memory, 0.5) ?? most }),
  };
}

/** @param {Measured} measured */
async function look({ shape: { workerPids, serverPids }, simulator }) {
  const { user, system } = process.cpuUsage();
  const cpu = {
    workerCpuMs: cpuMs(workerPids),
    serverCpuMs: cpuMs(serverPids),
    simulatorCpuMs: cpuMs([simulator.pid]),
    clientCpuMs: (user + system) / 1_000,
  };
  /** @type {{ live: number, afterEnd: number }} */
  const polls = await simulator.request('polls');
  return { at: Date.now(), ...cpu, ...polls };
}

/** @param {import('./shapes/shape.mjs').RunningShape} shape @returns {number[]} one number, or none */
function workerBytes({ workerPids }) {
  const all = workerPids.map(residentBytes);
  const known = all.filter((bytes) => bytes !== undefined);
  return known.length < all.length ? [] : [known.reduce((sum, one) => sum + one, 0)];
}

/**
 * @template {string} Name
 * @param {Name} name
 * @param {number | undefined} before
 * @param {number | undefined} after
 * @returns {{ [name in Name]?: number }}
 */
function difference(name, before, after) {
  if (before === undefined || after === undefined) return {};
  return /** @type {{ [name in Name]?: number }} */ ({ [name]: after - before });
}
