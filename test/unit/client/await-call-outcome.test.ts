import { status } from '@grpc/grpc-js';
import { type Client, ServiceError } from '@temporalio/client';
import { expect, onTestFinished, test, vi } from 'vitest';

import { awaitCallOutcome } from '../../../src/client/await-call-outcome.js';

const RESULT = { callSid: 'OUT-1', status: 'success' };

/** A client whose first wait for the result ends with a gRPC error, and the second with the result. */
function interruptedBy(code: status): Client {
  const details = { code, details: '', metadata: {} };
  const cause = Object.assign(new Error('interrupted'), details);
  const answers = [Promise.reject(new ServiceError('interrupted', { cause })), Promise.resolve(RESULT)];
  for (const answer of answers) answer.catch(() => undefined);
  const handle = { result: () => answers.shift() };
  return {
    options: { namespace: 'default' },
    workflow: { start: () => Promise.resolve(), getHandle: () => handle },
    withDeadline: (_: unknown, work: () => unknown) => work(),
    withAbortSignal: (_: unknown, work: () => unknown) => work(),
  } as unknown as Client;
}

test('a request that a server or a proxy cancels is made again by a wait with a signal of its own', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { signal } = new AbortController();
  const outcome = awaitCallOutcome(interruptedBy(status.CANCELLED), { callSid: 'OUT-1' }, { signal });
  await vi.runAllTimersAsync();
  expect(await outcome).toEqual(RESULT);
});

test("without one it may be the client's own signal, which ends the wait", async () => {
  await expect(awaitCallOutcome(interruptedBy(status.CANCELLED), { callSid: 'OUT-1' })).rejects.toThrow('interrupted');
});
