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
