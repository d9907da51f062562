import { expect, test } from 'vitest';

import { limited, ok } from '../../../../src/cli/doctor/report.js';

test('a check that takes too long is a failure, with what to look at, and is told to stop', async () => {
  let isStopped = false;
  const finding = await limited({ limitMs: 50, remedy: 'look there' }, (signal) => {
    signal.addEventListener('abort', () => (isStopped = true));
    return new Promise(() => undefined);
  });
  expect(finding).toEqual({ state: 'failure', found: 'no answer within 50 ms', remedy: 'look there' });
  expect(isStopped).toBe(true);
});

test('what a check throws is a failure with its first line, of a gRPC error its details', async () => {
  const limits = { limitMs: 5_000, remedy: 'look there' };
  const thrown = await limited(limits, () => Promise.reject(new Error('it broke\n    at somewhere')));
  expect(thrown).toEqual({ state: 'failure', found: 'it broke', remedy: 'look there' });
  const refused = Object.assign(new Error('7 PERMISSION_DENIED: no'), { code: 7, details: 'not for you' });
  expect((await limited(limits, () => Promise.reject(refused))).found).toBe('not for you');
});

test('a check in time is what it says', async () => {
  expect(await limited({ limitMs: 5_000, remedy: '' }, () => Promise.resolve(ok('fine')))).toEqual(ok('fine'));
});
