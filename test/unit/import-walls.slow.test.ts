import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { execa } from 'execa';
import ts from 'typescript-eslint';
import { describe, expect, it, onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

// The import rules need no types, and snippets for files that do not exist can have none.
const eslint = new ESLint({
  cwd: ROOT,
  overrideConfig: [
    ts.configs.disableTypeChecked,
    { languageOptions: { parserOptions: { projectService: false } } },
    { rules: { 'import-x/no-extraneous-dependencies': 'off' } },
  ] as NonNullable<ESLint.Options['overrideConfig']>,
});

async function brokenRules(file: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: join(ROOT, file) });
  return (result?.messages ?? []).map((message) => message.ruleId);
}

const RESTRICTED = '@typescript-eslint/no-restricted-imports';

const REFUSED: [file: string, code: string][] = [
  ['src/contract/x.ts', "export { z } from 'zod';"],
  ['src/contract/x.ts', "export { join } from 'node:path';"],
  ['src/contract/x.ts', "export type { Duration } from '@temporalio/common';"],
  ['src/contract/x.ts', "export { a } from '../polyai/index.js';"],
  ['src/polyai/x.ts', "export { ApplicationFailure } from '@temporalio/common';"],
  ['src/polyai/x.ts', "export { a } from '../activities/index.js';"],
  ['src/workflows/x.ts', "export { z } from 'zod';"],
  ['src/workflows/x.ts', "export { createHash } from 'node:crypto';"],
  ['src/workflows/x.ts', "export { Client } from '@temporalio/client';"],
  ['src/workflows/x.ts', "export { a } from '../polyai/index.js';"],
  ['src/workflows/x.ts', "export { a } from '../activities/index.js';"],
  ['src/workflows/nested/x.ts', "export { a } from '../../activities/index.js';"],
  ['src/workflows/x.ts', "export { a } from './../polyai/index.js';"],
  ['src/activities/x.ts', "export { Worker } from '@temporalio/worker';"],
  ['src/activities/x.ts', "export { openOutcomeStore } from '../outcomes/index.js';"],
  ['src/outcomes/x.ts', "export { Client } from '@temporalio/client';"],
  ['src/outcomes/x.ts', "export { a } from '../activities/index.js';"],
  ['src/activities/x.ts', "export { loadConfig } from '../config.js';"],
  ['src/campaigns/x.ts', "export { Client } from '@temporalio/client';"],
  ['src/campaigns/x.ts', "export { a } from '../polyai/index.js';"],
  ['src/campaigns/rules/x.ts', "export { a } from '../../polyai/index.js';"],
  ['src/activities/x.ts', "export { openCampaignStore } from '../campaigns/index.js';"],
  ['src/workflows/x.ts', "export type { A } from '../campaigns/index.js';"],
  ['src/client/x.ts', "export { Worker } from '@temporalio/worker';"],
  ['src/client/x.ts', "export { monitorOutboundCall } from '../workflows/index.js';"],
  ['src/client/x.ts', "export type { A } from '../workflows/index.js';"],
  ['src/simulator/x.ts', "export { Client } from '@temporalio/client';"],
  ['src/simulator/x.ts', "export { a } from '../polyai/index.js';"],
  ['src/platform/x.ts', "export { a } from '../contract/index.js';"],
  ['src/worker/x.ts', "export { a } from '../workflows/index.js';"],
  ['src/worker/x.ts', "export { a } from '../playground/index.js';"],
  ['src/playground/x.ts', "export { TestWorkflowEnvironment } from '@temporalio/testing';"],
  ['src/playground/x.ts', "export { a } from '../cli/index.js';"],
  ['src/playground/x.ts', "export { a } from '../workflows/index.js';"],
  ['src/cli/x.ts', "export { a } from '../activities/index.js';"],
  ['src/cli/x.ts', "export { Worker } from '@temporalio/worker';"],
  ['src/cli/x.ts', "export { runWorker } from '../worker.js';"],
  ['src/cli/commands/x.ts', "export { runWorker } from '../../worker.js';"],
  ['src/worker/x.ts', "export { a } from '../index.js';"],
  ['src/index.ts', "export { a } from './client.js';"],
  ['src/index.ts', "export { Client } from '@temporalio/client';"],
];

const ALLOWED: [file: string, code: string][] = [
  ['src/contract/x.ts', "export { isCallSid } from './call-sid.js';"],
  [
    'src/polyai/x.ts',
    "export { request } from 'undici';\nexport { z } from 'zod';\nexport { a } from '../contract/index.js';",
  ],
  ['src/workflows/x.ts', "export { sleep } from '@temporalio/workflow';\nexport { a } from '../contract/index.js';"],
  ['src/workflows/x.ts', "import type { A } from '../activities/index.js';\nexport type B = A;"],
  ['src/activities/x.ts', "export { log } from '@temporalio/activity';\nexport { a } from '../polyai/index.js';"],
  ['src/activities/x.ts', "import type { OutcomeStore } from '../outcomes/index.js';\nexport type A = OutcomeStore;"],
  ['src/outcomes/x.ts', "export { a } from '../contract/index.js';\nexport { join } from 'node:path';"],
  ['src/campaigns/x.ts', "export { Temporal } from 'temporal-polyfill';\nexport { a } from '../outcomes/index.js';"],
  ['src/campaigns/rules/x.ts', "export { a } from '../../contract/index.js';\nexport { b } from '../x.js';"],
  ['src/client/x.ts', "export { Client } from '@temporalio/client';\nexport { once } from 'node:events';"],
  ['src/simulator/x.ts', "export { createServer } from 'node:http';\nexport { z } from 'zod';"],
  ['src/platform/x.ts', "export { status } from '@grpc/grpc-js';"],
  ['src/worker/x.ts', "export { Worker } from '@temporalio/worker';\nexport { a } from '../outcomes/index.js';"],
  ['src/playground/x.ts', "export { a } from '../worker/index.js';\nexport { b } from '../simulator/index.js';"],
  ['src/cli/commands/x.ts', "export { a } from '../../playground/index.js';\nexport { b } from '../terminal.js';"],
  ['src/cli/x.ts', "export const a = () => import('../worker/index.js');"],
  ['src/worker.ts', "export { a } from './worker/index.js';\nexport { b } from './polyai/index.js';"],
];

describe('the import rules of the folders of src/', () => {
  it.each(REFUSED)('%s may not: %s', async (file, code) => {
    expect(await brokenRules(file, code)).toEqual([RESTRICTED]);
  });

  it.each(ALLOWED)('%s may: %s', async (file, code) => {
    expect(await brokenRules(file, code)).toEqual([]);
  });

  it('refuse an inline type import, which would load the module all the same', async () => {
    const code = "import { type A } from '../activities/index.js';\nexport type B = A;";
    expect(await brokenRules('src/workflows/x.ts', code)).toContain('@typescript-eslint/no-import-type-side-effects');
  });

  it.each(readdirSync(join(ROOT, 'src')).filter((name) => !/\.ts$|^cli$/.test(name)))(
    'refuse dynamic imports in src/%s, because no-restricted-imports does not check them',
    async (room) => {
      expect(await brokenRules(`src/${room}/x.ts`, "export const a = () => import('ms');")).toEqual([
        'no-restricted-syntax',
      ]);
    },
  );

  it.each(readdirSync(join(ROOT, 'src')).filter((name) => !name.endsWith('.ts')))(
    'refuse in src/%s a package that is not on its list',
    async (room) => {
      expect(await brokenRules(`src/${room}/x.ts`, "export { a } from 'left-pad';")).toEqual([RESTRICTED]);
    },
  );
});

describe('the environment', () => {
  const READS = [
    'export const a = process.env;',
    "export const a = process['env'];",
    'export const { env } = process;',
    'export const a = globalThis.process.env;',
    "import { env } from 'node:process';\nexport const a = env;",
  ];

  it.each(READS)('is not read by src/worker.ts: %s', async (code) => {
    expect(await brokenRules('src/worker.ts', code)).not.toEqual([]);
  });

  it.each(READS)('is not read by src/polyai: %s', async (code) => {
    expect(await brokenRules('src/polyai/x.ts', code)).not.toEqual([]);
  });

  it.each(['config', 'environment'])('is read by src/worker/%s.ts', async (file) => {
    expect(await brokenRules(`src/worker/${file}.ts`, 'export const a = process.env;')).toEqual([]);
  });
});

describe('exports', () => {
  it.each(['export default 1;', "export * from './a.js';", "export * as a from './a.js';", 'export enum A { B }'])(
    'are never: %s',
    async (code) => {
      expect(await brokenRules('src/contract/x.ts', code)).toEqual(['no-restricted-syntax']);
    },
  );

  it('are by default in configuration files, whose tools want that', async () => {
    expect(await brokenRules('vitest.config.ts', 'export default {};')).toEqual([]);
  });
});

describe('files of src/', () => {
  it('end before 250 lines of code', async () => {
    const code = 'export const lines = [\n' + '  1,\n'.repeat(250) + '];';
    expect(await brokenRules('src/contract/x.ts', code)).toEqual(['max-lines']);
  });
});

describe('a circle of imports', () => {
  it.each(['import', 'import type'])('is refused, also of types only: %s', async (statement) => {
    const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-walls-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'a.ts'), `${statement} { B } from './b.js';\nexport class A { b?: B; }\n`);
    writeFileSync(join(folder, 'b.ts'), `${statement} { A } from './a.js';\nexport class B { a?: A; }\n`);
    const oxlint = (...files: string[]) =>
      execa('oxlint', ['--config', '.oxlintrc.json', ...files], { cwd: ROOT, preferLocal: true, reject: false });

    const { exitCode, stdout } = await oxlint(folder);
    expect([exitCode, stdout.match(/Dependency cycle detected/g)]).toEqual([1, Array(2).fill(expect.any(String))]);
    expect((await oxlint(join(ROOT, 'src/contract'))).exitCode).toBe(0);
  });
});
