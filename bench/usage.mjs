import { clearInterval, setInterval } from 'node:timers';
import { cpuMs, residentBytes } from './process-usage.mjs';

const LOOK_EVERY_MS = 1_000;

/** What a shape's processes use, and what polls come in, between `begin` and `end`. */
export class Usage {
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {number | undefined} */
  #workerBytes;
  /** @type {Awaited<ReturnType<Usage['look']>> | undefined} */
  #before;

  /**
   * @param {import('./shapes/shape.mjs').RunningShape} shape
   * @param {import('./child.mjs').Child} simulator
   */
  constructor(shape, simulator) {
    this.shape = shape;
    this.simulator = simulator;
  }

  /** @returns {Promise<number>} the moment, epoch milliseconds */
  async begin() {
    this.#timer = setInterval(() => this.#lookAtMemory(), LOOK_EVERY_MS).unref();
    this.#before = await this.look();
    return this.#before.at;
  }

  async end() {
    clearInterval(this.#timer);
    this.#lookAtMemory();
    const before = this.#before ?? (await this.look());
    const after = await this.look();
    return {
      toAt: after.at,
      pollsMade: after.live - before.live,
      pollsInAll: after.live + after.afterEnd - before.live - before.afterEnd,
      ...difference('workerCpuMs', before.workerCpuMs, after.workerCpuMs),
      ...difference('serverCpuMs', before.serverCpuMs, after.serverCpuMs),
      ...(this.#workerBytes !== undefined && { workerBytes: this.#workerBytes }),
    };
  }

  async look() {
    const { workerPids, serverPids } = this.shape;
    const cpu = { workerCpuMs: cpuMs(workerPids), serverCpuMs: cpuMs(serverPids) };
    /** @type {{ live: number, afterEnd: number }} */
    const polls = await this.simulator.request('polls');
    return { at: Date.now(), ...cpu, ...polls };
  }

  #lookAtMemory() {
    const all = this.shape.workerPids.map(residentBytes);
    const bytes = all.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0);
    if (bytes !== undefined) this.#workerBytes = Math.max(this.#workerBytes ?? 0, bytes);
  }
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
