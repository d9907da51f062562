import { defineConfig } from 'vitest/config';

import { LongestFirst } from './test/support/longest-first.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Each file may start servers and workers of its own, but most of its time it waits: one more at once than the two cores of
    // a small machine takes two thirds of the time, and makes nothing late.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
