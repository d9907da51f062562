/** Configuration that a process cannot start with. `problems` holds every one of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(['the configuration is not usable:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
  }
}

/**
 * Loads two configurations, so that their problems are told together.
 *
 * @throws {ConfigError} with the problems of both
 */
export function loadBoth<A, B>(loadFirst: () => A, loadSecond: () => B): [A, B] {
  const problems: string[] = [];
  const first = collectProblems(loadFirst, problems);
  const second = collectProblems(loadSecond, problems);
  if (first && second) return [first.value, second.value];
  throw new ConfigError(problems);
}

function collectProblems<T>(load: () => T, problems: string[]): { readonly value: T } | undefined {
  try {
    return { value: load() };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
