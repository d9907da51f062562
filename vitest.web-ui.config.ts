import { defineConfig } from 'vitest/config';

/** Apart from the other projects, because it needs Chromium: `npm run test:web-ui`. */
export default defineConfig({
  test: {
    name: 'web-ui',
    allowOnly: false,
    include: ['test/web-ui/**/*.test.ts'],
    globalSetup: ['chromium', 'temporal-servers', 'workflow-bundle'].map(
      (name) => `test/support/global-setup/${name}.ts`,
    ),
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { TEMPORAL_DEBUG: 'true' },
  },
});
