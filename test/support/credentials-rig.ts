import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type MonitorHandle, startMonitor } from '../../src/client.js';
import type { MonitorOutboundCallResult } from '../../src/index.js';
import type { Simulator } from '../../src/simulator.js';
import { type DevServerRig, eventually } from './dev-server-rig.js';

export const FOR_EVER = { queuedMs: 0, callingMs: Infinity };

export interface LiveCallsOptions {
  readonly simulator: Simulator;
  readonly taskQueue: string;
  /** Part of their SIDs; the task queue unless given. */
  readonly name?: string;
  readonly count: number;
  readonly account?: string;
}

/** Many live calls with their monitors. */
export class LiveCalls {
  readonly #callSids: readonly string[];
  #monitors: readonly MonitorHandle[] = [];

  constructor(
    private readonly rig: DevServerRig,
    private readonly options: LiveCallsOptions,
  ) {
    const { count, taskQueue, name = taskQueue } = options;
    this.#callSids = Array.from({ length: count }, (_, index) => `OUT-${name}-${index}`);
  }

  /** Starts the monitors and waits until each has had a few answers. */
  async start(): Promise<void> {
    const { simulator, taskQueue, account } = this.options;
    for (const callSid of this.#callSids) simulator.addCall(callSid, FOR_EVER);
    const start = async (callSid: string): Promise<MonitorHandle> => {
      const handle = await startMonitor(this.rig.client, { callSid, ...(account && { account }) }, { taskQueue });
      this.rig.remember(handle.workflowId);
      return handle;
    };
    this.#monitors = await Promise.all(this.#callSids.map(start));
    await this.until('all to be polled', (callSid) => simulator.requestsFor(callSid).length >= 2);
  }

  async until(what: string, isSo: (callSid: string) => boolean): Promise<void> {
    await eventually(what, () => this.#callSids.every(isSo) || undefined);
  }

  /** Lets all calls succeed, and gives their results. */
  async end(): Promise<MonitorOutboundCallResult[]> {
    this.letSucceed();
    return await Promise.all(this.#monitors.map((monitor) => monitor.result()));
  }

  letSucceed(): void {
    for (const callSid of this.#callSids)
      this.options.simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
  }

  async phases(): Promise<string[]> {
    return await Promise.all(this.#monitors.map(async (monitor) => (await monitor.progress()).phase));
  }
}

/** A file that is replaced in one step; its folder is gone after the test. */
export class SecretFile {
  readonly #folder = mkdtempSync(join(tmpdir(), 'secret-'));
  readonly path = join(this.#folder, 'token');

  constructor(token: string, onFinished: (end: () => void) => void) {
    this.replace(token);
    onFinished(() => rmSync(this.#folder, { recursive: true }));
  }

  replace(token: string): void {
    writeFileSync(`${this.path}.new`, `${token}\n`);
    renameSync(`${this.path}.new`, this.path);
  }
}

/** Status requests that arrived since then. */
export function requestsSince(simulator: Simulator, atMs: number) {
  return simulator.requests.filter(({ at }) => at >= atMs);
}

export function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}
