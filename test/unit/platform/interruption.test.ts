import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';

import { InterruptedError, Interruption } from '../../../src/platform/interruption.js';

let interruption: Interruption;
const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  exit.mockClear();
  interruption = new Interruption();
});
afterEach(() => {
  interruption.dispose();
  vi.useRealTimers();
});
afterAll(() => exit.mockRestore());

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s aborts the signal', (name) => {
  expect(interruption.signal.aborted).toBe(false);
  process.emit(name);
  expect(interruption.signal.reason).toEqual(new InterruptedError());
});

test('a second signal ends the process at once', () => {
  process.emit('SIGINT');
  vi.advanceTimersByTime(501);
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGINT');
  expect(exit).toHaveBeenCalledExactlyOnceWith(130);
});

test('the copy of a signal that npm forwards does not count as a second one', () => {
  process.emit('SIGINT');
  vi.advanceTimersByTime(100);
  process.emit('SIGINT');
  expect(exit).not.toHaveBeenCalled();
});

test('the first reason to abort stays', () => {
  interruption.abort(new Error('a part broke'));
  process.emit('SIGINT');
  expect(interruption.signal.reason).toEqual(new Error('a part broke'));
});

test('after disposal, signals have their default effect', () => {
  const listeners = process.listenerCount('SIGINT');
  interruption.dispose();
  expect(process.listenerCount('SIGINT')).toBe(listeners - 1);
});
