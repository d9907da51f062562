import { defineConfig } from 'vitest/config';

import { LongestFirst } from './test/support/longest-first.js';

// Temporal's servers, which inherit it, have little in memory: they collect garbage less often, for a twelfth of their CPU.
process.env['GOGC'] ??= '400';

/** For `npm run test:profile`. */
const setupFiles = process.env['FILE_COSTS'] ? ['test/support/file-cost.mjs'] : [];

/** Tests that take minutes, of CPU or of time, or load a compiler: not of `npm test`. */
const SLOW = 'test/**/*.slow.test.ts';

const PROPERTIES = 'test/unit/**/*.properties.test.ts';

const setup = (...names: string[]): string[] => names.map((name) => `test/support/global-setup/${name}.ts`);

/** No server, no build, no real wait. */
const units = {
  pool: 'forks',
  isolate: false,
  setupFiles: [...setupFiles, 'test/support/nothing-left.ts'] as string[],
  testTimeout: 120_000,
  hookTimeout: 120_000,
  maxWorkers: 2,
  sequence: { groupOrder: 0 },
} as const;

/**
 * Most tests with servers wait most of their time, so more files run at once than a small machine has cores. A process runs
 * file after file: what every file imports costs a second of CPU.
 */
const withServers = {
  pool: 'forks',
  isolate: false,
  setupFiles,
  exclude: [SLOW] as string[],
  maxWorkers: 7,
  // For a machine that is ten times slower.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  sequence: { groupOrder: 1 },
  // Workers of the tests' own processes run workflows on the main thread, as the SDK replays them: a thread costs 0.2 s of CPU
  // for each worker. Worker processes have no such variable, and run them as in production.
  env: { TEMPORAL_DEBUG: 'true' },
} as const;

/** Each file is in one of these, so that a file that is named runs once. */
const projects = {
  unit: { ...units, include: ['test/unit/**/*.test.ts'], exclude: [SLOW, PROPERTIES] },
  properties: { ...units, include: [PROPERTIES] },
  'slow-unit': { ...units, include: ['test/unit/**/*.slow.test.ts'] },
  workflow: {
    ...withServers,
    include: ['test/workflow/**/*.test.ts'],
    globalSetup: setup('temporal-servers', 'dev-server', 'workflow-bundle'),
  },
  e2e: { ...withServers, include: ['test/e2e/**/*.test.ts'], globalSetup: setup('e2e') },
  replay: {
    ...withServers,
    include: ['test/replay/**/*.test.ts'],
    globalSetup: setup('workflow-bundle', 'traced-bundle'),
  },
  slow: {
    ...withServers,
    // Most of them keep a core busy, with processes.
    maxWorkers: 4,
    sequence: { groupOrder: 2 },
    include: ['test/{workflow,e2e,replay}/**/*.slow.test.ts'],
    exclude: [],
    globalSetup: setup('e2e'),
  },
  examples: {
    ...withServers,
    include: ['examples/test/**/*.test.ts'],
    globalSetup: setup('temporal-servers', 'build'),
  },
  package: {
    ...withServers,
    include: ['test/package/**/*.test.ts'],
    globalSetup: setup('temporal-servers', 'build', 'tarball', 'oldest-sdk'),
  },
};

/** What `vitest --mode …` runs instead of all projects. */
const modes: Record<string, Record<string, object>> = {
  /** `npm test` */
  quick: {
    unit: projects.unit,
    properties: projects.properties,
    // One project, because a process that goes on with a file of another project is replaced, and imports everything again.
    servers: { ...projects.e2e, include: ['test/{workflow,e2e,replay}/**/*.test.ts'] },
  },
  /** `npm run test:slow` */
  slow: {
    'slow-unit': {
      ...projects['slow-unit'],
      include: ['test/unit/**/*.slow.test.ts', PROPERTIES],
      env: { PROPERTY_RUNS: '12' },
    },
    slow: projects.slow,
  },
};

export default defineConfig(({ mode }) => ({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: Object.entries(modes[mode] ?? projects).map(([name, project]) => ({
      // Not only where `CI` is set: `verify` rejects a forgotten `.only` everywhere. `--allowOnly` permits it.
      test: { ...project, name, allowOnly: false },
    })),
  },
}));
