import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { PolyAiError } from '../../../src/activities.js';
import { hold, START } from '../../support/held-call-rig.js';

const refused = new PolyAiError('PolyAI answered 401', { kind: 'Unauthorized', httpStatus: 401 });
const notSent = new PolyAiError('not sent: the token has been rejected since …', {
  kind: 'Unauthorized',
  notSent: true,
});

async function failureAfter(error: PolyAiError): Promise<ApplicationFailure> {
  const { ended } = hold(['calling', 'calling', error], { input: { knownStatus: 'calling' } });
  await vi.advanceTimersByTimeAsync(10_000);
  const failure: unknown = await ended.catch((reason: unknown) => reason);
  if (failure instanceof ApplicationFailure) return failure;
  throw new Error(`expected an ApplicationFailure, got ${String(failure)}`);
}

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

test('a refused token ends a hold at once, with all that was seen in it and the request counted', async () => {
  const failure = await failureAfter(refused);
  expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
  expect(failure.details?.[0]).toMatchObject({ polls: 3, observation: { status: 'calling' } });
  expect(failure.category).not.toBe(ApplicationFailureCategory.BENIGN);
});

test('a request that was not sent, since the token is refused to all, ends it alike, but is no poll and no alarm', async () => {
  const failure = await failureAfter(notSent);
  expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true, message: notSent.message });
  expect(failure.details?.[0]).toMatchObject({ polls: 2, observation: { status: 'calling' } });
  expect(failure.category).toBe(ApplicationFailureCategory.BENIGN);
});
