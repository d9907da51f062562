import type { Context } from '@temporalio/activity';
import { expect, test } from 'vitest';

import { TimeSkippingWarning } from '../../../src/activities/time-skipping-warning.js';

function contextWith(connection: object): { readonly context: Context; readonly warnings: string[] } {
  const warnings: string[] = [];
  const log = { warn: (message: string) => warnings.push(message) };
  return { context: { client: { connection }, log } as unknown as Context, warnings };
}

test('a long poll on the time-skipping test server is warned of once, with the remedy', () => {
  const { context, warnings } = contextWith({ testService: {} });
  const warning = new TimeSkippingWarning();
  warning.check(context);
  warning.check(context);
  expect(warnings).toEqual([expect.stringContaining('temporal-polyai/testing')]);
});

test('a long poll on any other server is not', () => {
  const { context, warnings } = contextWith({ testService: undefined });
  new TimeSkippingWarning().check(context);
  expect(warnings).toEqual([]);
});
