import { expect, test } from 'vitest';

import { refusalDelayMs } from '../../../src/campaigns/limiter.js';

test('the pause after a refusal doubles, up to five minutes', () => {
  expect([1, 2, 3, 6, 7, 99].map(refusalDelayMs)).toEqual([5_000, 10_000, 20_000, 160_000, 300_000, 300_000]);
});
