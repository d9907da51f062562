import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { execa } from 'execa';
import { inject } from 'vitest';

import { startMonitor } from '../../src/client.js';
import type { MonitorOutboundCallInput } from '../../src/index.js';
import { readTaskQueue } from '../../src/platform/pollers.js';
import { openServerLog, spawnServer } from '../../src/playground/server-process.js';
import { eventually } from './dev-server-rig.js';
import { type Report, reportOn } from './follow-up-report.js';

/** What a backend reports on a call, and the monitor's progress before. */
export interface Followed {
  readonly progress: unknown;
  readonly report: Report;
}

/** A language in which calls are followed. */
export interface Language {
  readonly name: string;
  /** Of its worker, which has the workflows `FollowUp` and `FollowUpViaNexus`. */
  readonly taskQueue: string;
  /** Why it cannot run on this machine. */
  readonly notRun?: string | undefined;
  /** Starts its worker, and resolves with what stops it. */
  startWorker(): Promise<() => Promise<void>>;
  /** Follows calls in a backend. */
  follow(calls: readonly MonitorOutboundCallInput[]): Promise<Followed[]>;
}

interface Home {
  readonly client: Client;
  readonly nativeConnection: NativeConnection;
  readonly server: { readonly address: string; readonly namespace: string };
}

/** TypeScript, and the languages of the examples. */
export function followUpLanguages(home: () => Home): Language[] {
  const python = [`${inject('pythonBinPath')}/python`, '-m'];
  const go = inject('goExample');
  const [goBinPath, notRun] = 'notRun' in go ? ['', go.notRun] : [go.binPath, undefined];
  return [
    new TypeScript(home),
    new Example('Python', home, {
      worker: [...python, 'outbound_calls.worker'],
      backend: [...python, 'outbound_calls.backend'],
    }),
    new Example('Go', home, { worker: [`${goBinPath}/worker`], backend: [`${goBinPath}/follow`] }, notRun),
  ];
}

class TypeScript implements Language {
  readonly name = 'TypeScript';
  readonly taskQueue = 'follow-ups-typescript';

  constructor(private readonly home: () => Home) {}

  async startWorker(): Promise<() => Promise<void>> {
    const { nativeConnection, server } = this.home();
    const worker = await Worker.create({
      connection: nativeConnection,
      namespace: server.namespace,
      taskQueue: this.taskQueue,
      workflowsPath: fileURLToPath(new URL('workflows/follow-ups.ts', import.meta.url)),
    });
    const running = worker.run();
    return async () => {
      worker.shutdown();
      await running;
    };
  }

  async follow(calls: readonly MonitorOutboundCallInput[]): Promise<Followed[]> {
    const { client } = this.home();
    return await Promise.all(
      calls.map(async (call) => {
        const monitor = await startMonitor(client, call);
        return { progress: await monitor.progress(), report: await reportOn(call.callSid, monitor.result()) };
      }),
    );
  }
}

/** The commands of `examples/<name>`. */
class Example implements Language {
  readonly taskQueue: string;

  constructor(
    readonly name: string,
    private readonly home: () => Home,
    private readonly commands: { readonly worker: readonly string[]; readonly backend: readonly string[] },
    readonly notRun?: string,
  ) {
    this.taskQueue = `follow-ups-${name.toLowerCase()}`;
  }

  async startWorker(): Promise<() => Promise<void>> {
    const log = openServerLog();
    const worker = spawnServer('env', [...this.#environment(), ...this.commands.worker], log.descriptor);
    let isStopping = false;
    const ended = worker.ended.then((how) => {
      const output = log.tail();
      log.close();
      if (!isStopping) throw new Error(`The worker in ${this.name} ended (${how}):\n${output}`);
    });
    await Promise.race([ended, eventually(`the worker in ${this.name}`, () => this.#isPolled())]);
    return async () => {
      isStopping = true;
      await worker.stop('SIGINT');
      await ended;
    };
  }

  async #isPolled(): Promise<true | undefined> {
    const { pollers } = await readTaskQueue(this.home().client, { taskQueue: this.taskQueue, kind: 'workflows' });
    return pollers.length > 0 || undefined;
  }

  async follow(calls: readonly MonitorOutboundCallInput[]): Promise<Followed[]> {
    const inputs = calls.map((call) => JSON.stringify(call));
    const command = [...this.#environment(), ...this.commands.backend, ...inputs];
    const { stdout } = await execa({ lines: true })('env', command);
    const printed = stdout.map((line) => JSON.parse(line) as Partial<Followed> & { readonly callSid: string });
    return calls.map((call) => {
      const [progress, report] = printed.filter(({ callSid }) => callSid === call.callSid);
      return { progress: progress?.progress, report: report!.report! };
    });
  }

  #environment(): string[] {
    const { address, namespace } = this.home().server;
    const pythonPath = fileURLToPath(new URL('../../examples/python', import.meta.url));
    return [`TEMPORAL_ADDRESS=${address}`, `TEMPORAL_NAMESPACE=${namespace}`, `PYTHONPATH=${pythonPath}`];
  }
}
