import { expect, test } from 'vitest';

import { type Cells, renderTable } from '../../../src/cli/list.js';

async function* rows(count: number): AsyncGenerator<Cells> {
  for (let index = 0; index < count; index += 1) yield [`OUT-${index}`, 'failure', 'busy '.repeat(30)];
}

async function lines(count: number, width: number): Promise<string[]> {
  const printed: string[] = [];
  for await (const line of renderTable({ head: ['CALL', 'STATUS', 'WHY'], rows: rows(count) }, width))
    printed.push(line);
  return printed;
}

test('a table is cut off at the width of the terminal', async () => {
  for (const line of (await lines(3, 60)).slice(1)) expect(line).toMatch(/^.{59}…\n$/u);
});

test('each row has one line, before and after the columns are measured', async () => {
  for (const count of [1, 49, 50, 51, 120]) expect(await lines(count, Infinity)).toHaveLength(count + 1);
  expect(await lines(0, Infinity)).toEqual([]);
});

test('all rows of a long table have the same columns', async () => {
  const printed = await lines(99, Infinity);
  expect(new Set(printed.slice(1).map((line) => line.indexOf('failure')))).toEqual(new Set([8]));
});
