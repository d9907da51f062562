import { ConfigError } from '../../src/config-error.js';
import { loadWorkerConfig } from '../../src/config.js';

/** Why a worker would not start in this environment; none when it would. */
export function problemsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    loadWorkerConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
