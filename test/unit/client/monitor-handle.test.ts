import type { Client } from '@temporalio/client';
import { expect, test } from 'vitest';

import type { MonitorDescription } from '../../../src/client/describe-monitor.js';
import { MonitorHandle } from '../../../src/client/monitor-handle.js';

/** Described as `describe` says; each description is another. */
class DescribedMonitor extends MonitorHandle {
  requests = 0;

  constructor(private readonly answer: () => Promise<MonitorDescription>) {
    super({ workflow: { getHandle: () => ({}) } } as unknown as Client, 'OUT-1', 'outbound-call-OUT-1');
  }

  override async describe(): Promise<MonitorDescription> {
    this.requests += 1;
    return await this.answer();
  }
}

const RUNNING = { state: 'RUNNING' } as MonitorDescription;

async function yields(monitor: MonitorHandle, signal: AbortSignal): Promise<number> {
  let descriptions = 0;
  for await (const _ of monitor.follow({ everyMs: 5, signal })) descriptions += 1;
  return descriptions;
}

test('following ends with its signal: between two descriptions without another request', async () => {
  const abort = new AbortController();
  const monitor = new DescribedMonitor(() => Promise.resolve(RUNNING));
  for await (const _ of monitor.follow({ everyMs: 60_000, signal: abort.signal })) setTimeout(() => abort.abort(), 1);
  expect(monitor.requests).toBe(1);
});

test('following ends with its signal: during a request that then fails', async () => {
  const abort = new AbortController();
  const monitor = new DescribedMonitor(() => {
    abort.abort();
    return Promise.reject(new Error('the connection is closed'));
  });
  expect(await yields(monitor, abort.signal)).toBe(0);
});

test('following throws the error of a request', async () => {
  const monitor = new DescribedMonitor(() => Promise.reject(new Error('no such monitor')));
  await expect(yields(monitor, new AbortController().signal)).rejects.toThrow('no such monitor');
});

test.each([0, NaN, Infinity])('following every %d ms is refused: there would be no pause', async (everyMs) => {
  const monitor = new DescribedMonitor(() => Promise.reject(new Error('no request is expected')));
  await expect(monitor.follow({ everyMs }).next()).rejects.toThrow(RangeError);
});
