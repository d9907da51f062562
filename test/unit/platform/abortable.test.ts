import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { abortableSleep, onAbort, raceAbort, withTimeout, withTimeoutSignal } from '../../../src/platform/abortable.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const never = new Promise<never>(() => undefined);

describe('onAbort', () => {
  test('calls back once, at the abort', () => {
    const controller = new AbortController();
    const callback = vi.fn();
    onAbort(controller.signal, callback);
    expect(callback).not.toHaveBeenCalled();
    controller.abort();
    expect(callback).toHaveBeenCalledOnce();
  });

  test('calls back at once for a signal that is aborted already', () => {
    const callback = vi.fn();
    onAbort(AbortSignal.abort(), callback);
    expect(callback).toHaveBeenCalledOnce();
  });

  test('does not call back after the returned function was called, and leaves other callbacks alone', () => {
    const controller = new AbortController();
    const [removed, kept] = [vi.fn(), vi.fn()];
    const stop = onAbort(controller.signal, removed);
    onAbort(controller.signal, kept);
    stop();
    controller.abort();
    expect(removed).not.toHaveBeenCalled();
    expect(kept).toHaveBeenCalledOnce();
  });

  test('registers one listener on the signal for all callbacks, and none when all are gone', () => {
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    const stops = Array.from({ length: 100 }, () => onAbort(signal, () => undefined));
    expect(add).toHaveBeenCalledOnce();
    for (const stop of stops) stop();
    expect(remove).toHaveBeenCalledOnce();
    onAbort(signal, () => undefined);
    expect(add).toHaveBeenCalledTimes(2);
  });
});

describe('raceAbort', () => {
  test('gives what the work gives, or throws the reason of the abort', async () => {
    const controller = new AbortController();
    await expect(raceAbort(Promise.resolve('done'), controller.signal)).resolves.toBe('done');
    await expect(raceAbort(Promise.resolve('done'), undefined)).resolves.toBe('done');
    const racing = raceAbort(never, controller.signal);
    controller.abort(new Error('enough'));
    await expect(racing).rejects.toThrow('enough');
    await expect(raceAbort(never, controller.signal)).rejects.toThrow('enough');
  });
});

describe('abortableSleep', () => {
  test('ends after its time', async () => {
    const ended = vi.fn();
    void abortableSleep(1_000, undefined).then(ended);
    await vi.advanceTimersByTimeAsync(999);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toHaveBeenCalledOnce();
  });

  test('ends without an error at the abort, and at once when that has been', async () => {
    const controller = new AbortController();
    const sleeping = abortableSleep(1_000, controller.signal);
    controller.abort();
    await sleeping;
    await abortableSleep(1_000, controller.signal);
  });
});

describe('withTimeout', () => {
  test('gives what the work gives in time', async () => {
    await expect(withTimeout(1_000, Promise.resolve('done'))).resolves.toBe('done');
    await expect(withTimeout(1_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  test('throws when the work is late, or gives what it is told to', async () => {
    const late = expect(withTimeout(3_000, never)).rejects.toThrow('no answer within 3 s');
    const replaced = expect(withTimeout(3_000, never, () => 'instead')).resolves.toBe('instead');
    await vi.advanceTimersByTimeAsync(3_000);
    await Promise.all([late, replaced]);
  });
});

describe('withTimeoutSignal', () => {
  const untilAborted = async (signal: AbortSignal) => await raceAbort(never, signal);

  test('aborts the work after its time', async () => {
    const late = expect(withTimeoutSignal(3_000, untilAborted)).rejects.toThrow('no answer within 3 s');
    await vi.advanceTimersByTimeAsync(3_000);
    await late;
  });

  test('aborts the work together with the parent signal', async () => {
    const controller = new AbortController();
    const aborted = expect(withTimeoutSignal(3_000, untilAborted, controller.signal)).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await aborted;
  });

  test('gives what the work gives', async () => {
    await expect(withTimeoutSignal(3_000, () => Promise.resolve('done'))).resolves.toBe('done');
  });
});
