import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';

/** Makes a value that the tests of several projects inject; the first project of a run that needs it makes it for all. */
export async function provideOnce<K extends keyof ProvidedContext>(
  { vitest }: TestProject,
  key: K,
  make: () => Promise<ProvidedContext[K]> | ProvidedContext[K],
): Promise<void> {
  const provided: Partial<ProvidedContext> = vitest.getRootProject().getProvidedContext();
  if (provided[key] === undefined) vitest.provide(key, await make());
}
