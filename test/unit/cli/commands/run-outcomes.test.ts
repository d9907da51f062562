import { expect, test } from 'vitest';

import { renderTable } from '../../../../src/cli/commands/run-outcomes.js';
import type { StoredOutcome } from '../../../../src/contract/outcome.js';
import { failed } from '../../../support/outcome-samples.js';

async function* outcomes(count: number): AsyncGenerator<StoredOutcome> {
  for (let index = 0; index < count; index += 1) {
    yield { ...failed(`OUT-${index}`, 'busy '.repeat(30)), savedAt: '2026-01-31T12:02:01.000Z' };
  }
}

async function lines(count: number, width: number): Promise<string[]> {
  const printed: string[] = [];
  for await (const line of renderTable(outcomes(count), width)) printed.push(line);
  return printed;
}

test('a table is cut off at the width of the terminal', async () => {
  for (const line of await lines(3, 60)) expect(line.length).toBeLessThanOrEqual(61);
});

test('each outcome has one line, before and after the columns are measured', async () => {
  for (const count of [1, 49, 50, 51, 120]) expect(await lines(count, Infinity)).toHaveLength(count + 1);
  expect(await lines(0, Infinity)).toEqual([]);
});

test('all rows of a long table have the same columns', async () => {
  const printed = await lines(99, Infinity);
  expect(new Set(printed.slice(1).map((line) => line.indexOf('failure')))).toEqual(new Set([8]));
});
