import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { FAILURE_TYPES } from '../../../src/index.js';
import { DURATION_RULES } from '../../../src/workflows/monitor-input.js';

const reference = readFileSync(new URL('../../../docs/reference/monitor.md', import.meta.url), 'utf8');

test('the reference lists every failure type, and whether Temporal retries it, as the code has it', () => {
  const rows = [...reference.matchAll(/^\| `(\w+)` +\| .* \| (yes|no) +\|$/gm)].map(([, type, retried]) => [
    type,
    retried,
  ]);

  const expected = Object.entries(FAILURE_TYPES).map(([type, { retryable }]) => [type, retryable ? 'yes' : 'no']);
  expect(rows.sort()).toEqual(expected.sort());
});

test('the reference names every duration of the input', () => {
  for (const name of Object.keys(DURATION_RULES)) expect(reference).toContain(`| \`${name}\``);
});

test('the reference names every variable that the worker reads', () => {
  const config = readFileSync(new URL('../../../src/worker/config.ts', import.meta.url), 'utf8');
  const variables = new Set(config.match(/POLYAI_[A-Z_]+/g));

  expect(variables.size).toBeGreaterThan(4);
  for (const variable of variables) expect(reference).toContain(`\`${variable}\``);
});
