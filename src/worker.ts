import { ConfigError } from './worker/config.js';
import { runWorker, WorkerStartError } from './worker/run-worker.js';

try {
  await runWorker();
} catch (error) {
  const isExplained = error instanceof ConfigError || error instanceof WorkerStartError;
  console.error('temporal-polyai worker:', isExplained ? error.message : error);
  // The SDK's threads outlive a worker that could not be created.
  process.exit(error instanceof ConfigError ? 2 : 1);
}
