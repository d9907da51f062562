import { afterAll, beforeAll, vi } from 'vitest';

const TIMEOUT_MS = 30_000;

/**
 * A setup file of the unit tests, whose files share processes: what a file leaves would set timers in the tests of the next one,
 * which have a clock of their own and may count its timers. So its connections and servers must be closed when it is over, and its
 * timers are cleared.
 */
const { setTimeout: realSetTimeout } = globalThis;
const timers = new Set<NodeJS.Timeout>();

beforeAll(() => {
  const recordingSetTimeout = ((...args: Parameters<typeof setTimeout>) => {
    const timer = realSetTimeout(...args);
    timers.add(timer);
    return timer;
  }) as typeof setTimeout;
  globalThis.setTimeout = Object.defineProperties(
    recordingSetTimeout,
    Object.getOwnPropertyDescriptors(realSetTimeout),
  );
});

afterAll(async () => {
  const open = (): string[] => process.getActiveResourcesInfo().filter((name) => /^(?:TCP|TLS|Connect)/.test(name));
  await vi
    .waitUntil(() => open().length === 0, { timeout: TIMEOUT_MS, interval: 5 })
    .catch(() => {
      throw new Error(`left open: ${open().join(', ')}`);
    });
  for (const timer of timers) clearTimeout(timer);
  timers.clear();
  globalThis.setTimeout = realSetTimeout;
});
