import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

import { RequestLimiter } from '../../../src/polyai/limiter.js';
import { errorOf } from './client-under-test.js';
import { VirtualTime } from './virtual-time.js';

/** A limiter in virtual time. */
function limiterOf(maxConcurrentRequests: number, maxRequestsPerSecond = Infinity) {
  const time = new VirtualTime();
  return { time, limiter: new RequestLimiter({ maxConcurrentRequests, maxRequestsPerSecond }) };
}

/** A request of a call that no other request is for. */
function request(options: Partial<Parameters<RequestLimiter['acquire']>[0]> = {}) {
  return { subject: `OUT-${(subjects += 1)}`, ...options };
}

let subjects = 0;

/** A permit of a call without a response. */
const permit = { subject: 'OUT-0', standing: 'new', isUnproven: true } as const;

/** Acquires, then adds itself to the list. */
async function acquire(limiter: RequestLimiter, id: number, admitted: number[]): Promise<void> {
  await limiter.acquire(request());
  admitted.push(id);
}

test('a request below all limits is admitted at once, without a promise', () => {
  const { limiter } = limiterOf(2);
  expect(limiter.acquire(request())).not.toBeInstanceOf(Promise);
  expect(limiter.acquire(request({ maxWaitMs: 0 }))).not.toBeInstanceOf(Promise);
  expect(limiter.acquire(request())).toBeInstanceOf(Promise);
});

test('requests are admitted in order of arrival, one for each that is released', async () => {
  const { limiter, time } = limiterOf(3);
  const admitted: number[] = [];
  for (let id = 0; id < 10; id += 1) void acquire(limiter, id, admitted);
  await time.advance(0);
  expect(admitted).toEqual([0, 1, 2]);
  for (let left = 1; left <= 7; left += 1) {
    limiter.release(permit);
    await time.advance(0);
    expect(admitted).toEqual(Array.from({ length: 3 + left }, (_, id) => id));
  }
});

test('a request that arrives just as another could be admitted does not overtake those that wait', () => {
  const { limiter } = limiterOf(9, 1);
  expect(limiter.acquire(request())).not.toBeInstanceOf(Promise);
  void limiter.acquire(request());
  vi.stubGlobal('performance', { now: () => 1_000 }); // the timer has not fired yet
  expect(limiter.acquire(request())).toBeInstanceOf(Promise);
});

test('no sequence of acquire, release and abort admits too many at once or forgets one', async () => {
  const steps = fc.array(fc.constantFrom('acquire', 'release', 'abort', 'tick'), { maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (maximum, all) => {
      const { limiter, time } = limiterOf(maximum);
      const controllers: AbortController[] = [];
      let concurrent = 0;
      let settled = 0;
      const start = async (): Promise<void> => {
        const controller = new AbortController();
        controllers.push(controller);
        try {
          await limiter.acquire(request({ signal: controller.signal }));
          concurrent += 1;
          expect(concurrent).toBeLessThanOrEqual(maximum);
        } catch (error) {
          expect(error).toBe(controller.signal.reason);
        } finally {
          settled += 1;
        }
      };
      const release = (): void => {
        if (concurrent === 0) return;
        concurrent -= 1;
        limiter.release(permit);
      };
      for (const step of all) {
        if (step === 'acquire') void start();
        else if (step === 'release') release();
        else if (step === 'abort') controllers.at(-1)?.abort();
        else await time.advance(1);
      }
      while (settled < controllers.length) {
        await time.advance(1);
        release();
      }
    }),
    { numRuns: 100 },
  );
});

test('requests are spread evenly at the configured rate', async () => {
  const { limiter, time } = limiterOf(1_000, 20);
  const at: number[] = [];
  for (let i = 0; i < 100; i += 1)
    void Promise.resolve(limiter.acquire(request())).then(() => at.push(performance.now()));
  const startedAt = performance.now();
  await time.advance(3_000);
  expect(at.length).toBeGreaterThanOrEqual(60);
  expect(at.length).toBeLessThanOrEqual(62); // a burst of a tenth of a second is allowed
  for (let i = 2; i < at.length; i += 1) expect(at[i]! - at[i - 1]!).toBeGreaterThanOrEqual(49);
  expect(at[1]! - startedAt).toBe(0);
});

test('a waiting request that is aborted rejects at once with the signal’s reason, and the next one is admitted', async () => {
  const { limiter, time } = limiterOf(1);
  const admitted: number[] = [];
  await acquire(limiter, 0, admitted);
  const controller = new AbortController();
  const reason = new Error('the worker shuts down');
  const waiting = Promise.resolve(limiter.acquire(request({ signal: controller.signal })));
  void acquire(limiter, 2, admitted);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  limiter.release(permit);
  await time.advance(0);
  expect(admitted).toEqual([0, 2]);
});

test('thousands that wait under one signal share one listener, and leave none', async () => {
  const { limiter, time } = limiterOf(1);
  void limiter.acquire(request());
  const controller = new AbortController();
  const options = { signal: controller.signal, maxWaitMs: 60_000 };
  const all = Array.from({ length: 20_000 }, () => Promise.resolve(limiter.acquire(request(options))));
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort('enough');
  const outcomes = await Promise.allSettled(all);
  expect(new Set(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as unknown))).toEqual(
    new Set(['enough']),
  );
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  expect(time.pendingTimers).toBe(0);
});

test('a request that was admitted or timed out leaves neither a listener nor a timer', async () => {
  const { limiter, time } = limiterOf(1);
  void limiter.acquire(request());
  const { signal } = new AbortController();
  const first = limiter.acquire(request({ signal, maxWaitMs: 60_000 }));
  const second = Promise.resolve(limiter.acquire(request({ signal, maxWaitMs: 1_000 })));
  limiter.release(permit);
  await first;
  await Promise.all([expect(second).rejects.toThrow(), time.advance(1_000)]);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  expect(time.pendingTimers).toBe(0);
});

test('a wait ends after maxWaitMs with an error that says how many requests the API has not answered', async () => {
  const { limiter, time } = limiterOf(1);
  void limiter.acquire(request());
  const rejected = errorOf(Promise.resolve(limiter.acquire(request({ maxWaitMs: 5_000 }))));
  let isOver = false;
  void rejected.then(() => (isOver = true));
  await time.advance(4_999);
  expect(isOver).toBe(false);
  await time.advance(1);
  expect(await rejected).toMatchObject({ kind: 'PolyAiUnavailable', notSent: true, retryable: true });
  expect((await rejected).message).toMatch(
    /^not sent within 5000 ms: the API had not answered 1 requests yet, the most at once$/,
  );
});

test('with a maxWaitMs of 0 a request is admitted at once or rejected', async () => {
  const { limiter } = limiterOf(1);
  void limiter.acquire(request());
  expect(await errorOf(Promise.resolve(limiter.acquire(request({ maxWaitMs: 0 }))))).toMatchObject({ notSent: true });
});

test('a maxWaitMs longer than any timer is no limit', async () => {
  const { limiter, time } = limiterOf(1);
  void limiter.acquire(request());
  const waiting = limiter.acquire(request({ maxWaitMs: 2 ** 40 }));
  await time.advance(10_000);
  limiter.release(permit);
  await expect(waiting).resolves.toMatchObject({ standing: 'new' });
});

test('closing rejects all waiting and all later requests', async () => {
  const { limiter, time } = limiterOf(1, 1);
  void limiter.acquire(request());
  const waiting = [limiter.acquire(request()), limiter.acquire(request({ maxWaitMs: 9_000 }))].map((wait) =>
    errorOf(Promise.resolve(wait)),
  );
  limiter.close();
  for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ notSent: false });
  expect((await errorOf(Promise.resolve(limiter.acquire(request())))).message).toContain('closed');
  limiter.release(permit);
  expect(time.pendingTimers).toBe(0);
});
