import { DEFAULT_TASK_QUEUE } from '../contract/names.js';
import { DEFAULT_OUTCOMES_URL, parseOutcomesUrl } from '../outcomes/url.js';
import { errorMessage } from '../platform/error-message.js';
import { ConfigError } from './config-error.js';

// Configuration for processes other than the worker. Separate from `config.ts`, so that commands which only use Temporal or the
// outcome store load neither the HTTP client nor zod.

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of a child process: that of this process without the variables whose names match `dropped`, plus `own`. */
export function childEnvironment(own: Environment, dropped: RegExp): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !dropped.test(name));
  return { ...Object.fromEntries(inherited), ...own };
}

/** The value of a variable, trimmed; an empty one counts as unset. */
export function valueOf(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

/** The variables of this process that have a value. */
export function variablesWithValue(env: Environment = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (valueOf(env, name) ? [[name, value!] as const] : [])),
  );
}

/** The task queue, for a process that is not a worker. */
export function loadTaskQueue(env: Environment = process.env): string {
  return valueOf(env, 'POLYAI_TASK_QUEUE') ?? DEFAULT_TASK_QUEUE;
}

/**
 * The URL of the outcome store; see `parseOutcomesUrl`.
 *
 * @throws {ConfigError} its message omits the value, which may contain a password
 */
export function loadOutcomesUrl(env: Environment = process.env): string {
  const url = valueOf(env, 'POLYAI_OUTCOMES_URL') ?? DEFAULT_OUTCOMES_URL;
  try {
    parseOutcomesUrl(url);
  } catch (error) {
    throw new ConfigError([`POLYAI_OUTCOMES_URL is ${errorMessage(error)}`]);
  }
  return url;
}

/** Whether the environment names the real API and a token for it. */
export function hasPolyAiAccess(env: Environment = process.env): boolean {
  const isSet = (...names: string[]): boolean => names.some((name) => valueOf(env, name) !== undefined);
  const hasToken = isSet('POLYAI_AUTH_TOKEN', 'POLYAI_AUTH_TOKEN_FILE');
  return isSet('POLYAI_ACCOUNTS_FILE') || (hasToken && isSet('POLYAI_REGION', 'POLYAI_BASE_URL'));
}
