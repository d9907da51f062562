import {
  ConfigError,
  loadOutcomesUrl,
  loadTaskQueue,
  loadWorkerConfig,
  type WorkerConfig,
} from '../../worker/config.js';
import { loadTemporalConfig, type TemporalConfig } from '../../worker/temporal-config.js';
import { failure, type Finding, ok } from './check.js';

/** What the environment says, as far as it is usable. */
export interface Installation {
  readonly worker: WorkerConfig | undefined;
  readonly temporal: TemporalConfig | undefined;
  readonly outcomesUrl: string | undefined;
  readonly taskQueue: string;
  /** Every problem of the environment. */
  readonly problems: readonly string[];
}

/** Reads the whole environment, however much of it is wrong. */
export function readInstallation(taskQueue: string | undefined): Installation {
  const problems: string[] = [];
  const worker = loadOrNote(loadWorkerConfig, problems);
  const temporal = loadOrNote(loadTemporalConfig, problems);
  const outcomesUrl = loadOrNote(loadOutcomesUrl, problems);
  return { worker, temporal, outcomesUrl, taskQueue: taskQueue ?? loadTaskQueue(), problems };
}

function loadOrNote<T>(load: () => T, problems: string[]): T | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

/** Whether a worker could start with this environment. */
export function checkConfiguration({ problems, worker, temporal }: Installation): Finding {
  if (worker && temporal && problems.length === 0) {
    const apis = new Set(worker.accounts.map(({ baseUrl }) => baseUrl));
    return ok(`usable: PolyAI at ${[...apis].join(', ')}; Temporal at ${temporal.address}`);
  }
  return failure(problems.join('; '), 'set the variables that are named, where the worker runs');
}
