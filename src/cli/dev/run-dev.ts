import { loadWorkerConfig } from '../../worker/config.js';
import { interruption } from '../interruption.js';
import { renderBanner } from './banner.js';
import { openPolyAi } from './open-poly-ai.js';
import { openTemporal } from './open-temporal.js';
import { runDevWorker } from './run-dev-worker.js';

export interface DevOptions {
  readonly data: string;
  readonly port: number;
  readonly uiPort: number;
  readonly simulatorPort: number;
}

/** Runs Temporal, the simulator and a worker until Ctrl-C, and ends them in reverse order. */
export async function runDev(options: DevOptions): Promise<void> {
  const signal = interruption();
  signal.addEventListener('abort', () => console.error('\nstopping (Ctrl-C again: at once)'));
  const temporal = await openTemporal(options);
  try {
    if (signal.aborted) return;
    const { simulator, workerEnvironment, close } = await openPolyAi(options);
    try {
      const config = loadWorkerConfig(workerEnvironment);
      const onReady = (): void => console.log(renderBanner({ temporal, simulator, config, data: options.data }));
      await runDevWorker({ temporal, config, signal, onReady });
    } finally {
      await close?.();
    }
  } finally {
    await temporal.close?.();
  }
}
