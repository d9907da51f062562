import { vi } from 'vitest';

/** As `vi.waitFor`, whose default of a second is too short for a busy machine. */
export async function waitFor<T>(assertion: () => T | Promise<T>): Promise<T> {
  return await vi.waitFor(assertion, { timeout: 30_000 });
}
