import { inspect } from 'node:util';
import { Runtime } from '@temporalio/worker';

import { printError } from '../platform/printing.js';
import { loadWorkerConfig } from './config.js';
import { collectProblems, ConfigError } from './config-error.js';
import { runWorker, startError, WorkerStartError } from './run-worker.js';
import { runtimeOptions } from './telemetry.js';
import type { TelemetryConfig } from './telemetry-config.js';
import { loadTemporalConfig } from './temporal-config.js';

/** Runs the worker process. Exits with code 2 for an unusable configuration, with 1 for any other error. */
export async function main(): Promise<void> {
  try {
    await runConfiguredWorker();
  } catch (error) {
    const isExplained = error instanceof ConfigError || error instanceof WorkerStartError;
    printError(`temporal-polyai worker: ${isExplained ? error.message : inspect(error)}`);
    // The SDK's threads outlive a worker that could not be created.
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

/** @throws {WorkerStartError} when metrics cannot be served */
function installRuntime(telemetry: TelemetryConfig): void {
  try {
    Runtime.install(runtimeOptions(telemetry));
  } catch (error) {
    if (telemetry.metricsAddress === undefined) throw error;
    throw startError(`metrics cannot be served at ${telemetry.metricsAddress} (POLYAI_METRICS_ADDRESS)`, error);
  }
}

/**
 * Runs the worker that the environment describes, until SIGTERM, SIGINT or a fatal error.
 *
 * @throws {ConfigError} with every problem of the environment
 * @throws {WorkerStartError} as `runWorker`
 */
export async function runConfiguredWorker(): Promise<void> {
  const problems: string[] = [];
  const config = collectProblems(loadWorkerConfig, problems);
  const temporal = collectProblems(loadTemporalConfig, problems);
  if (!config || !temporal) throw new ConfigError(problems);
  installRuntime(config.telemetry);
  await runWorker({ config, temporal });
}
