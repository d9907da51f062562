import { ConfigError, loadWorkerConfig } from '../../src/worker/config.js';

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
