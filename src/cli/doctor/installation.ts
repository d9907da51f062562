import { parseOutcomesUrl, passwordsOf } from '../../outcomes/url.js';
import { loadWorkerConfig, type WorkerConfig } from '../../worker/config.js';
import { collectProblems } from '../../worker/config-error.js';
import { loadOutcomesUrl, loadTaskQueue } from '../../worker/environment.js';
import { loadTemporalConfig, type TemporalConfig } from '../../worker/temporal-config.js';
import { failure, type Finding, ok } from './report.js';

/** The configuration in the environment; a part that is not valid is absent. */
export interface Installation {
  readonly worker: WorkerConfig | undefined;
  readonly temporal: TemporalConfig | undefined;
  readonly outcomesUrl: string | undefined;
  readonly taskQueue: string;
  /** Every problem of the environment. */
  readonly problems: readonly string[];
}

/** Reads the whole environment, whether or not it is valid. */
export function readInstallation(taskQueue: string | undefined): Installation {
  const problems: string[] = [];
  const worker = collectProblems(loadWorkerConfig, problems);
  const temporal = collectProblems(loadTemporalConfig, problems);
  const outcomesUrl = collectProblems(loadOutcomesUrl, problems);
  return { worker, temporal, outcomesUrl, taskQueue: taskQueue ?? loadTaskQueue(), problems };
}

/** Whether a worker can start with this environment. */
export function checkConfiguration({ problems, worker, temporal }: Installation): Finding {
  if (worker && temporal && problems.length === 0) {
    const apis = new Set(worker.accounts.map(({ baseUrl }) => baseUrl));
    return ok(`valid: PolyAI at ${[...apis].join(', ')}; Temporal at ${temporal.address}`);
  }
  return failure(problems.join('; '), 'set the variables that are named, where the worker runs');
}

export function hasOutcomeStore({ outcomesUrl }: Installation): boolean {
  return outcomesUrl !== undefined && parseOutcomesUrl(outcomesUrl).kind !== 'off';
}

/** Shorter text may be a part of any word. */
const MIN_SECRET_LENGTH = 4;

/** The secrets of the environment, which no output may show. */
export async function secretsOf({ worker, temporal, outcomesUrl = '' }: Installation): Promise<string[]> {
  const apiKey = temporal?.connectionOptions.apiKey;
  const tokens = await Promise.all((worker?.accounts ?? []).map(readToken));
  const secrets = [typeof apiKey === 'string' ? apiKey : '', ...passwordsOf(outcomesUrl), ...tokens];
  return secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH);
}

async function readToken({ token }: WorkerConfig['accounts'][number]): Promise<string> {
  try {
    return (await token({ afterRejection: false })).trim();
  } catch {
    // The check of the account reports it.
    return '';
  }
}
