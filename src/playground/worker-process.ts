import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';

import type { Interruption } from '../platform/interruption.js';

const WORKER = fileURLToPath(new URL('../worker.js', import.meta.url));
const END_WITH_PARENT = new URL('./end-with-parent.js', import.meta.url).href;
const STOP_GRACE_MS = 4_000;
const LOG_TAIL_LINES = 20;

interface WorkerProcessOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly client: Client;
  readonly taskQueue: string;
  readonly interruption: Interruption;
}

/** The demo's worker: one process at a time. If it ends unexpectedly, the demo is aborted. */
export class WorkerProcess {
  #child: ChildProcess | undefined;
  #kills = 0;

  constructor(private readonly options: WorkerProcessOptions) {}

  /** How many processes were killed. */
  get kills(): number {
    return this.#kills;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the server has seen the worker poll. */
  async start(): Promise<void> {
    const { environment, logFile } = this.options;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, ['--import', END_WITH_PARENT, WORKER], {
      // In its own process group: the demo handles Ctrl-C.
      detached: true,
      windowsHide: true,
      env: environment,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#child = child;
    child.on('error', (error) => this.#onUnexpectedEnd(child, error.message));
    child.on('exit', (code, signal) => this.#onUnexpectedEnd(child, signal ?? `exit code ${code}`));
    await this.#untilPolling();
  }

  /** Sends SIGKILL, which has the effect of a crash, the OOM killer or a lost machine. */
  async kill(): Promise<void> {
    this.#kills += 1;
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const forced = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await ended;
    clearTimeout(forced);
  }

  #onUnexpectedEnd(child: ChildProcess, how: string): void {
    if (child !== this.#child) return;
    const tail = readFileSync(this.options.logFile, 'utf8').trim().split('\n').slice(-LOG_TAIL_LINES).join('\n');
    this.options.interruption.abort(new Error(`the worker ended (${how}); the end of its log:\n${tail}`));
  }

  async #untilPolling(): Promise<void> {
    const { client, taskQueue, interruption } = this.options;
    const request = { namespace: client.options.namespace, taskQueue: { name: taskQueue } };
    const identity = `${this.pid}@`;
    for (;;) {
      const { pollers } = await client.workflowService.describeTaskQueue(request);
      if (pollers.some((poller) => poller.identity?.startsWith(identity))) return;
      await delay(100, undefined, { signal: interruption.signal });
    }
  }
}
