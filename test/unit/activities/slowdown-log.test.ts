import type { Logger } from '@temporalio/common';
import { expect, test, vi } from 'vitest';

import { SlowdownLog } from '../../../src/activities/accounts.js';

const FIRST = {
  requestsPerSecond: 20,
  cause: 'PolyAiUnavailable',
  message: 'PolyAI answered 503',
  since: '2026-01-15T12:00:00.000Z',
} as const;

test('a slow-down is logged when it begins and when it ends, however many calls notice it', () => {
  const log = { info: vi.fn(), warn: vi.fn() };
  const slowdowns = new SlowdownLog();
  const note = (slowdown?: typeof FIRST) => slowdowns.note(slowdown, log as unknown as Logger);

  note();
  expect([log.warn, log.info].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
  note(FIRST);
  note({ ...FIRST, requestsPerSecond: 0.5 } as unknown as typeof FIRST);
  note();
  note();

  expect(log.warn.mock.calls).toEqual([
    [
      expect.stringContaining('slowed down'),
      { cause: 'PolyAiUnavailable', message: 'PolyAI answered 503', requestsPerSecond: 20 },
    ],
  ]);
  expect(log.info).toHaveBeenCalledOnce();
});
