import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { callWithSignal } from '../../../src/platform/temporal-client.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('callWithSignal', () => {
  const client = new Client({ connection: Connection.lazy() });
  /** What the SDK would send a request with. */
  const limits = () =>
    (
      client.connection as unknown as {
        callContextStorage: { getStore(): { deadline: Date; abortSignal: AbortSignal } };
      }
    ).callContextStorage.getStore();

  test('gives the requests their timeout and a signal of their own', async () => {
    const { signal } = new AbortController();
    const given = await callWithSignal(client, { signal, timeoutMs: 5_000 }, () => Promise.resolve(limits()));
    expect(given.deadline.getTime()).toBe(Date.now() + 5_000);
    expect(given.abortSignal).not.toBe(signal);
    expect(given.abortSignal.aborted).toBe(false);
  });

  test('aborts the requests with the signal, and moves the deadline that a retry would have into the past', async () => {
    const controller = new AbortController();
    const given = callWithSignal(client, { signal: controller.signal }, () => {
      const { deadline, abortSignal } = limits();
      controller.abort();
      return Promise.resolve({ deadline, abortSignal });
    });
    const { deadline, abortSignal } = await given;
    expect(abortSignal.aborted).toBe(true);
    expect(deadline.getTime()).toBe(0);
  });
});
