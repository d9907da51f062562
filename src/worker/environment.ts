import { DEFAULT_TASK_QUEUE } from '../contract/names.js';
import { DEFAULT_OUTCOMES_URL, parseOutcomesUrl } from '../outcomes/url.js';
import { errorMessage } from '../platform/error-message.js';

/**
 * What processes that are no worker read of the environment. Beside `config.ts`, so that a command which asks Temporal or the
 * outcome store loads neither the HTTP client nor the schemas of a worker.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of a child process: that of this process without the variables whose names match `dropped`, plus `own`. */
export function childEnvironment(own: Environment, dropped: RegExp): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !dropped.test(name));
  return { ...Object.fromEntries(inherited), ...own };
}

/** The variables of this process that have a value: an empty one counts as unset. */
export function variablesWithValue(env: Environment = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value] as const] : [])),
  );
}

/** The task queue, for a process that is not a worker. */
export function loadTaskQueue({ POLYAI_TASK_QUEUE: taskQueue }: Environment = process.env): string {
  return taskQueue?.trim() || DEFAULT_TASK_QUEUE;
}

/**
 * The URL of the outcome store; see `parseOutcomesUrl`.
 *
 * @throws {ConfigError} its message omits the value, which may contain a password
 */
export function loadOutcomesUrl({ POLYAI_OUTCOMES_URL: given }: Environment = process.env): string {
  const url = given?.trim() || DEFAULT_OUTCOMES_URL;
  try {
    parseOutcomesUrl(url);
  } catch (error) {
    throw new ConfigError([`POLYAI_OUTCOMES_URL is ${errorMessage(error)}`]);
  }
  return url;
}

/** Whether the environment names the real API and a token for it. */
export function hasPolyAiAccess(env: Environment = process.env): boolean {
  const hasToken = Boolean(env['POLYAI_AUTH_TOKEN'] || env['POLYAI_AUTH_TOKEN_FILE']);
  return Boolean(env['POLYAI_ACCOUNTS_FILE'] || (hasToken && (env['POLYAI_REGION'] || env['POLYAI_BASE_URL'])));
}

/** A configuration that a process cannot start with. `problems` lists every problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(['the configuration is not usable:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
  }
}

/**
 * Runs a loader. When it throws a `ConfigError`, adds its problems to `problems` and returns `undefined`, so that the
 * problems of several loaders are reported together.
 */
export function collectProblems<T>(load: () => T, problems: string[]): T | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
