import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { evaluatedBy, moduleState } from './module-state.js';

const WORKFLOWS = join(import.meta.dirname, '../../../src/workflows');

it('no module that workflows share keeps state of a workflow', () => {
  const shared = [...evaluatedBy(join(WORKFLOWS, 'preloaded.ts'))];

  expect(shared).toContain(join(WORKFLOWS, 'call-monitor.ts'));
  const stateful = shared.map((file) => [file, moduleState(file, readFileSync(file, 'utf8'))] as const);
  expect(stateful.filter(([, state]) => state.length > 0)).toEqual([]);
});

it('awaitCallOutcome keeps the waiters of a workflow, so workflows do not share it', () => {
  const file = join(WORKFLOWS, 'await-call-outcome.ts');

  expect(moduleState(file, readFileSync(file, 'utf8'))).toEqual(['completionWaiters']);
  expect(evaluatedBy(join(WORKFLOWS, 'preloaded.ts'))).not.toContain(file);
});

it.each([
  ['a variable', 'let calls = 0;', ['calls']],
  ['a container', 'const calls = new Map<string, number>();', ['calls']],
  ['an empty list', 'export const calls: string[] = [];', ['calls']],
  ['a static property', 'class Calls { static count = 0; }', ['count']],
  ['a static container', 'class Calls { static readonly all = new Set<string>(); }', ['all']],
  ['a read-only map', 'const NAMES: ReadonlyMap<string, string> = new Map([["a", "b"]]);', []],
  ['constants and code', 'const A = 1; const B = { a: 1 }; function f() { let x = 0; return x; }', []],
])('%s of a module is state: as it is said', (_, source, state) => {
  expect(moduleState('sample.ts', source)).toEqual(state);
});
