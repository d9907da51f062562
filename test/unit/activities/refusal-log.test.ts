import type { Logger } from '@temporalio/common';
import { expect, test, vi } from 'vitest';

import { RefusalLog, ServedAccount } from '../../../src/activities/accounts.js';

const REFUSAL = { since: '2026-01-15T12:00:00.000Z', message: 'PolyAI answered 401' };

function logUnderTest() {
  const log = { info: vi.fn(), warn: vi.fn() };
  return { log, asLogger: log as unknown as Logger };
}

test('a refused token is logged when that begins and when it ends, however many calls notice it', () => {
  const { log, asLogger } = logUnderTest();
  const refusals = new RefusalLog();
  refusals.note(undefined, asLogger);
  for (let times = 0; times < 200; times += 1) refusals.note({ ...REFUSAL, message: `again ${times}` }, asLogger);
  for (let times = 0; times < 200; times += 1) refusals.note(undefined, asLogger);

  expect(log.warn.mock.calls).toEqual([
    ['PolyAI refuses the token: renew it; live calls are held meanwhile', { ...REFUSAL, message: 'again 0' }],
  ]);
  expect(log.info.mock.calls).toEqual([
    ['PolyAI takes the token again: live calls go on', { refusedSince: REFUSAL.since }],
  ]);

  refusals.note({ ...REFUSAL, since: '2026-01-15T13:00:00.000Z' }, asLogger);
  expect(log.warn).toHaveBeenCalledTimes(2);
});

test('an account with a name is named in each line', () => {
  const { log, asLogger } = logUnderTest();
  const throttling = {
    requestsPerSecond: 5,
    cause: 'PolyAiUnavailable',
    message: 'PolyAI answered 503',
    since: REFUSAL.since,
  } as const;
  const polyAi = { getCallStatus: vi.fn(), throttling, tokenRejection: REFUSAL };
  new ServedAccount(polyAi, 'acme').note(asLogger);
  expect(log.warn.mock.calls.map(([, attributes]) => attributes as object)).toEqual([
    { account: 'acme', cause: 'PolyAiUnavailable', message: 'PolyAI answered 503', requestsPerSecond: 5 },
    { account: 'acme', ...REFUSAL },
  ]);
});
