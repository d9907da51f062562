import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { RequestGate } from '../../../src/polyai/limiter.js';
import { errorOf } from './client-under-test.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function gateOf(maxConcurrentRequests: number, maxRequestsPerSecond = Infinity): RequestGate {
  return new RequestGate({ maxConcurrentRequests, maxRequestsPerSecond });
}

/** Enters, and says so. */
async function enter(gate: RequestGate, who: number, entered: number[]): Promise<void> {
  await gate.enter({});
  entered.push(who);
}

test('with room and no limit a request goes at once, without so much as a microtask', () => {
  const gate = gateOf(2);
  expect(gate.enter({})).toBeUndefined();
  expect(gate.enter({ maxWaitMs: 0 })).toBeUndefined();
  expect(gate.enter({})).toBeInstanceOf(Promise);
});

test('requests are let through in the order in which they came, one for each that leaves', async () => {
  const gate = gateOf(3);
  const entered: number[] = [];
  for (let who = 0; who < 10; who += 1) void enter(gate, who, entered);
  await vi.advanceTimersByTimeAsync(0);
  expect(entered).toEqual([0, 1, 2]);
  for (let left = 1; left <= 7; left += 1) {
    gate.leave();
    await vi.advanceTimersByTimeAsync(0);
    expect(entered).toEqual(Array.from({ length: 3 + left }, (_, who) => who));
  }
});

test('whoever comes just as a place is free does not pass those who wait', () => {
  let nowMs = 0;
  const gate = new RequestGate({ maxConcurrentRequests: 9, maxRequestsPerSecond: 1, now: () => nowMs });
  expect(gate.enter({})).toBeUndefined();
  void gate.enter({});
  nowMs = 1_000; // and the timer has not fired yet
  expect(gate.enter({})).toBeInstanceOf(Promise);
});

test('no order of coming, leaving and giving up lets more through at once than are allowed, or forgets one', async () => {
  const steps = fc.array(fc.constantFrom('come', 'leave', 'give up', 'tick'), { maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (maximum, all) => {
      const gate = gateOf(maximum);
      const controllers: AbortController[] = [];
      let underWay = 0;
      let settled = 0;
      const come = async (): Promise<void> => {
        const controller = new AbortController();
        controllers.push(controller);
        try {
          await gate.enter({ signal: controller.signal });
          underWay += 1;
          expect(underWay).toBeLessThanOrEqual(maximum);
        } catch (error) {
          expect(error).toBe(controller.signal.reason);
        } finally {
          settled += 1;
        }
      };
      const leave = (): void => {
        if (underWay === 0) return;
        underWay -= 1;
        gate.leave();
      };
      for (const step of all) {
        if (step === 'come') void come();
        else if (step === 'leave') leave();
        else if (step === 'give up') controllers.at(-1)?.abort();
        else await vi.advanceTimersByTimeAsync(1);
      }
      while (settled < controllers.length) {
        await vi.advanceTimersByTimeAsync(1);
        leave();
      }
    }),
    { numRuns: 100 },
  );
});

test('so many per second go as the limit says, spread over the second', async () => {
  const gate = gateOf(1_000, 20);
  const at: number[] = [];
  for (let i = 0; i < 100; i += 1) void Promise.resolve(gate.enter({})).then(() => at.push(performance.now()));
  const startedAt = performance.now();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(at.length).toBeGreaterThanOrEqual(60);
  expect(at.length).toBeLessThanOrEqual(62); // a tenth of a second's worth may go at once
  for (let i = 2; i < at.length; i += 1) expect(at[i]! - at[i - 1]!).toBeGreaterThanOrEqual(49);
  expect(at[1]! - startedAt).toBe(0);
});

test('whoever is aborted while waiting is out at once, for its own reason, and the next one takes its place', async () => {
  const gate = gateOf(1);
  const entered: number[] = [];
  await enter(gate, 0, entered);
  const controller = new AbortController();
  const reason = new Error('the worker shuts down');
  const waiting = Promise.resolve(gate.enter({ signal: controller.signal }));
  void enter(gate, 2, entered);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  gate.leave();
  await vi.advanceTimersByTimeAsync(0);
  expect(entered).toEqual([0, 2]);
});

test('thousands that wait under one signal hold one listener of it, and none afterwards', async () => {
  const gate = gateOf(1);
  void gate.enter({});
  const controller = new AbortController();
  const patience = { signal: controller.signal, maxWaitMs: 60_000 };
  const all = Array.from({ length: 20_000 }, () => Promise.resolve(gate.enter(patience)));
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort('enough');
  const outcomes = await Promise.allSettled(all);
  expect(new Set(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as unknown))).toEqual(
    new Set(['enough']),
  );
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('whoever is let through or given up leaves neither a listener nor a timer', async () => {
  const gate = gateOf(1);
  void gate.enter({});
  const { signal } = new AbortController();
  const first = gate.enter({ signal, maxWaitMs: 60_000 });
  const second = Promise.resolve(gate.enter({ signal, maxWaitMs: 1_000 }));
  gate.leave();
  await first;
  await Promise.all([expect(second).rejects.toThrow(), vi.advanceTimersByTimeAsync(1_000)]);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('a wait ends after maxWaitMs, with an error that says that the worker’s own limit was the cause', async () => {
  const gate = gateOf(1);
  void gate.enter({});
  const refused = errorOf(Promise.resolve(gate.enter({ maxWaitMs: 5_000 })));
  let isOver = false;
  void refused.then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(4_999);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await refused).toMatchObject({ kind: 'PolyAiUnavailable', notSent: true, retryable: true });
  expect((await refused).message).toMatch(/not sent within 5000 ms: the worker’s own limit/);
});

test('with a maxWaitMs of 0 a request goes at once or not at all', async () => {
  const gate = gateOf(1);
  void gate.enter({});
  expect(await errorOf(Promise.resolve(gate.enter({ maxWaitMs: 0 })))).toMatchObject({ notSent: true });
});

test('a maxWaitMs that no timer can hold is no limit', async () => {
  const gate = gateOf(1);
  void gate.enter({});
  const waiting = gate.enter({ maxWaitMs: 2 ** 40 });
  await vi.advanceTimersByTimeAsync(10_000);
  gate.leave();
  await expect(waiting).resolves.toBeUndefined();
});

test('closing refuses all who wait, and all who come', async () => {
  const gate = gateOf(1, 1);
  void gate.enter({});
  const waiting = [gate.enter({}), gate.enter({ maxWaitMs: 9_000 })].map((wait) => errorOf(Promise.resolve(wait)));
  gate.close();
  for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ notSent: false });
  expect((await errorOf(Promise.resolve(gate.enter({})))).message).toContain('closed');
  gate.leave();
  expect(vi.getTimerCount()).toBe(0);
});
