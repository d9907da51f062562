import { NativeConnection, Runtime } from '@temporalio/worker';

import { openPatiently } from '../../outcomes/open.js';
import type { OpenOutcomeStore } from '../../outcomes/store.js';
import { openAccounts } from '../../worker/accounts.js';
import type { WorkerConfig } from '../../worker/config.js';
import { createWorker } from '../../worker/create-worker.js';
import type { TemporalConfig } from '../../worker/temporal-config.js';
import { unreachable } from '../temporal.js';
import { devLogger } from './dev-logger.js';

export interface RunDevWorkerOptions {
  readonly temporal: TemporalConfig;
  readonly config: WorkerConfig;
  /** Ends the worker, once everything under way has ended. */
  readonly signal: AbortSignal;
  readonly onReady: () => void;
}

/** Runs a worker in this process. Rejects on a fatal error. */
export async function runDevWorker({ temporal, config, signal, onReady }: RunDevWorkerOptions): Promise<void> {
  // Ctrl-C is handled here: the worker ends first, then what it needs.
  Runtime.install({ logger: devLogger, shutdownSignals: [] });
  const connection = await NativeConnection.connect(temporal.connectionOptions).catch((error: unknown) => {
    throw unreachable(temporal, error);
  });
  const { polyAi, accounts, close } = openAccounts(config);
  let outcomes: OpenOutcomeStore | undefined;
  try {
    outcomes = await openPatiently(config.outcomesUrl, ({ message }) => console.error(message));
    const { taskQueue, callsAtOnce, workflowBundlePath } = config;
    const { namespace } = temporal;
    const options = { connection, namespace, taskQueue, polyAi, accounts, outcomes, callsAtOnce, workflowBundlePath };
    const worker = await createWorker(options);
    const running = worker.run();
    onReady();
    if (signal.aborted) worker.shutdown();
    signal.addEventListener('abort', () => worker.getState() === 'RUNNING' && worker.shutdown(), { once: true });
    await running;
  } finally {
    await outcomes?.close();
    await close();
    await connection.close();
  }
}
