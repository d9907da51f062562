import { defineConfig } from 'vitest/config';

import { LongestFirst } from './test/support/longest-first.js';

const setup = (...names: string[]): string[] => names.map((name) => `test/support/global-setup/${name}.ts`);

/** Most tests with servers wait most of their time. One file more at once than a small machine has cores makes nothing late. */
const withServers = { pool: 'forks', maxWorkers: 3, testTimeout: 60_000, hookTimeout: 60_000 } as const;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // No server, no build, no real wait.
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          pool: 'forks',
          isolate: false,
          testTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...withServers,
          name: 'workflow',
          include: ['test/workflow/**/*.test.ts'],
          globalSetup: setup('temporal-servers', 'workflow-bundle'),
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...withServers,
          name: 'e2e',
          include: ['test/{contract,e2e}/**/*.test.ts'],
          globalSetup: setup('temporal-servers', 'workflow-bundle', 'build', 'postgres'),
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...withServers,
          name: 'examples',
          include: ['examples/test/**/*.test.ts'],
          globalSetup: setup('temporal-servers', 'build'),
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...withServers,
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: setup('build'),
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...withServers,
          name: 'replay',
          include: ['test/replay/**/*.test.ts'],
          globalSetup: setup('workflow-bundle'),
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
