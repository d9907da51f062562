import { defineConfig } from 'vitest/config';

/** Apart from the other projects, because it installs what Python and Go need: `npm run test:languages`. */
export default defineConfig({
  test: {
    name: 'languages',
    allowOnly: false,
    include: ['test/languages/**/*.test.ts'],
    globalSetup: ['temporal-servers', 'dev-server', 'workflow-bundle', 'python-example', 'go-example'].map(
      (name) => `test/support/global-setup/${name}.ts`,
    ),
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { TEMPORAL_DEBUG: 'true' },
  },
});
