import { expect, test } from 'vitest';

import { DisposalStack } from '../../../src/platform/disposal.js';

test('steps run in reverse order, each after the one before has ended', async () => {
  const log: string[] = [];
  const disposal = new DisposalStack();
  disposal.defer(() => log.push('first'));
  const resource = disposal.adopt({ name: 'second' }, async ({ name }) => {
    await Promise.resolve();
    log.push(name);
  });
  expect(resource).toEqual({ name: 'second' });
  await disposal.dispose();
  expect(log).toEqual(['second', 'first']);
});

test('each step runs once', async () => {
  let runs = 0;
  const disposal = new DisposalStack();
  disposal.defer(() => (runs += 1));
  await disposal.dispose();
  await disposal.dispose();
  expect(runs).toBe(1);
});

test('a step that fails keeps no other from running, and its error is thrown', async () => {
  const log: string[] = [];
  const disposal = new DisposalStack();
  disposal.defer(() => log.push('ran'));
  disposal.defer(() => Promise.reject(new Error('failed')));
  await expect(disposal.dispose()).rejects.toThrow('failed');
  expect(log).toEqual(['ran']);
});

test('several errors are thrown as one', async () => {
  const errors = [new Error('one'), new Error('two')];
  const disposal = new DisposalStack();
  for (const error of errors.toReversed()) disposal.defer(() => Promise.reject(error));
  await expect(disposal.dispose()).rejects.toEqual(new AggregateError(errors, '2 steps failed while disposing'));
});
