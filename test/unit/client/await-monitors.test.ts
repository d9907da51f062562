import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { awaitMonitors, type SettledMonitor } from '../../../src/client.js';
import { watchMonitors } from '../../../src/client/monitor-watcher.js';
import { FakeMonitorService, grpcError } from './fake-monitor-service.js';

const UNIMPLEMENTED = 12;
const PERMISSION_DENIED = 7;
const TRANSIENT_CODES = [1, 2, 4, 8, 10, 13, 14, 15];

const watched: AsyncGenerator<SettledMonitor, void, void>[] = [];

beforeEach(() => vi.useFakeTimers());
afterEach(async () => {
  // One that went on would set timers in the tests that follow.
  await Promise.all(watched.splice(0).map((outcomes) => outcomes.return()));
  vi.useRealTimers();
});

interface Watching {
  readonly server: FakeMonitorService;
  /** The call SIDs of the outcomes so far, in their order. */
  readonly arrived: string[];
  readonly outcomes: AsyncGenerator<SettledMonitor, void, void>;
  /** Resolves when the iteration is over, and rejects as it does. */
  readonly over: Promise<void>;
}

/** Awaits calls of a fake server, whose time passes only as a test says. */
function watch(
  callSids: Iterable<string> | AsyncIterable<string>,
  { server = new FakeMonitorService(), signal, maxReadsPerSecond = 100 }: WatchTestOptions = {},
): Watching {
  const outcomes = watchMonitors(server, callSids, { everyMs: 1_000, maxReadsPerSecond, signal });
  watched.push(outcomes);
  const arrived: string[] = [];
  const over = (async () => {
    for await (const { callSid } of outcomes) arrived.push(callSid);
  })();
  over.catch(() => undefined);
  return { server, arrived, outcomes, over };
}

interface WatchTestOptions {
  readonly server?: FakeMonitorService;
  readonly signal?: AbortSignal;
  readonly maxReadsPerSecond?: number;
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const sids = (count: number) => Array.from({ length: count }, (_, index) => `OUT-${index}`);

test('monitors are yielded as they end, once each; then the iteration ends, and no timer is left', async () => {
  const server = new FakeMonitorService();
  server.end('OUT-1');
  const { arrived, over } = watch(['OUT-1', 'OUT-2', 'OUT-1', 'OUT-3', 'OUT-2'], { server });

  await pass(100);
  expect(arrived).toEqual(['OUT-1']);
  server.end('OUT-3');
  await pass(1_100);
  expect(arrived).toEqual(['OUT-1', 'OUT-3']);
  server.end('OUT-2');
  await pass(1_100);

  await over;
  expect(arrived).toEqual(['OUT-1', 'OUT-3', 'OUT-2']);
  expect(vi.getTimerCount()).toBe(0);
});

test('while monitors run, one list a second is requested, by the clock of the server', async () => {
  const server = new FakeMonitorService();
  server.end('OUT-other');
  watch(sids(500), { server });
  await pass(30_000);

  expect(server.lists.length).toBeLessThanOrEqual(32);
  expect(server.lists.length).toBeGreaterThanOrEqual(29);
  const latest = server.nowMs - 30_000;
  for (const { sinceMs } of server.lists.slice(1)) expect(sinceMs).toBe(latest - 10_000);
  expect(server.reads.length).toBeLessThanOrEqual(520);
});

test('closed monitors that are not awaited are paged through and never read', async () => {
  const { server, arrived } = watch(['OUT-mine']);
  await pass(500);
  server.end('OUT-mine');
  for (const callSid of sids(2_500)) server.end(callSid);
  await pass(1_100);

  expect(arrived).toEqual(['OUT-mine']);
  expect(server.lists.map(({ pageToken }) => pageToken?.[0])).toEqual([undefined, undefined, undefined, 1, 2]);
  expect(server.reads.length).toBeLessThan(5);
});

test('a completion that the list shows seconds late is found then', async () => {
  const { server, arrived } = watch(['OUT-1', 'OUT-2']);
  await pass(500);
  server.endUnlisted('OUT-1');
  await pass(4_000);
  server.end('OUT-2');
  await pass(4_000);
  server.listRun('OUT-1', 8_000);
  await pass(1_100);
  expect(arrived).toEqual(['OUT-2', 'OUT-1']);
});

test('a completion from before the first successful list is found after it', async () => {
  const server = new FakeMonitorService();
  server.failure.list = grpcError(14);
  const { arrived } = watch(['OUT-1'], { server });
  await pass(1_000);
  server.end('OUT-1');
  await pass(19_000);
  server.end('OUT-other');
  await pass(20_000);
  expect(arrived).toEqual([]);
  server.failure = {};
  await pass(11_000);
  expect(arrived).toEqual(['OUT-1']);
});

test('a completion that the list misses is found within about a minute, with at most 20 reads a second', async () => {
  const { server, arrived, over } = watch(sids(300));
  await pass(10_000);
  const before = server.reads.length;
  for (const callSid of sids(300)) server.endUnlisted(callSid);

  await pass(50_000);
  expect(server.reads.length).toBe(before);
  await pass(10_000);
  expect(server.reads.length - before).toBeLessThanOrEqual(220);
  await pass(10_000);

  await over;
  expect(arrived.length).toBe(300);
});

test('where the server cannot list, each monitor is read', async () => {
  const server = new FakeMonitorService();
  server.failure.list = grpcError(UNIMPLEMENTED);
  const { arrived, over } = watch(sids(3), { server });
  await pass(5_000);
  expect(server.lists.length).toBe(1);
  expect(server.reads.length).toBeLessThanOrEqual(3 * 7);
  for (const callSid of sids(3)) server.end(callSid);
  await pass(1_100);

  await over;
  expect(arrived.length).toBe(3);
});

test.each(TRANSIENT_CODES)(
  'while the server answers with gRPC status %d nothing is lost, and requests back off',
  async (code) => {
    const { server, arrived, over } = watch(sids(50));
    await pass(2_000);
    server.failure = { list: grpcError(code), read: grpcError(code) };
    for (const callSid of sids(50)) server.end(callSid);
    const before = server.lists.length;
    await pass(60_000);
    expect(arrived).toEqual([]);
    expect(server.lists.length - before).toBeLessThan(12);
    server.failure = {};
    await pass(25_000);

    await over;
    expect(arrived.length).toBe(50);
  },
);

test('a completion that is listed while reads fail is read once they succeed', async () => {
  const { server, arrived } = watch(sids(3));
  await pass(2_000);
  server.failure.read = grpcError(8);
  for (const callSid of sids(3)) server.end(callSid);
  await pass(30_000);
  expect(arrived).toEqual([]);
  server.failure = {};
  await pass(11_000);
  expect(arrived.length).toBe(3);
});

test.each(['list', 'read'] as const)('a %s without permission ends the iteration with that error', async (request) => {
  const forbidden = grpcError(PERMISSION_DENIED);
  const server = new FakeMonitorService();
  server.failure[request] = forbidden;
  const { over } = watch(['OUT-1'], { server });
  await pass(50);

  await expect(over).rejects.toBe(forbidden);
  expect(vi.getTimerCount()).toBe(0);
});

test('a closed run that was not the latest is read once, and its monitor is still awaited', async () => {
  const { server, arrived } = watch(['OUT-1']);
  await pass(500);
  const before = server.reads.length;
  server.listRun('OUT-1');
  await pass(8_000);

  expect(arrived).toEqual([]);
  expect(server.reads.length - before).toBe(1);
  server.end('OUT-1');
  await pass(1_100);
  expect(arrived).toEqual(['OUT-1']);
});

test('a monitor that ends and is listed during its check is checked again', async () => {
  const server = new FakeMonitorService();
  server.readMs = 3_000;
  const { arrived } = watch(['OUT-1'], { server });
  await pass(1_500);
  server.end('OUT-1');
  await pass(8_500);
  expect(arrived).toEqual(['OUT-1']);
});

test('reads stay within maxReadsPerSecond', async () => {
  const server = new FakeMonitorService();
  watch(sids(1_000), { server, maxReadsPerSecond: 50 });
  await pass(10_000);
  expect(server.reads.length).toBeGreaterThan(480);
  expect(server.reads.length).toBeLessThanOrEqual(510);
});

test('reading pauses for a slow consumer', async () => {
  const server = new FakeMonitorService();
  for (const callSid of sids(1_000)) server.end(callSid);
  const outcomes = watchMonitors(server, sids(1_000), { everyMs: 1_000, maxReadsPerSecond: 1_000 });
  const first = outcomes.next();
  await pass(20_000);
  expect((await first).value?.callSid).toBe('OUT-0');
  expect(server.reads.length).toBeLessThanOrEqual(130);

  const rest: string[] = [];
  const draining = (async () => {
    for await (const { callSid } of outcomes) rest.push(callSid);
  })();
  await pass(20_000);
  await draining;
  expect(rest.length).toBe(999);
});

test('without awaited monitors there are no requests', async () => {
  const server = new FakeMonitorService();
  const { arrived, over } = watch(
    (async function* () {
      yield 'OUT-1';
      await new Promise((resolve) => setTimeout(resolve, 3_600_000));
      yield 'OUT-2';
    })(),
    { server },
  );
  server.end('OUT-1');
  await pass(5_000);
  const asked = server.lists.length;
  await pass(3_500_000);
  expect(server.lists.length).toBe(asked);
  expect(arrived).toEqual(['OUT-1']);

  server.end('OUT-other');
  await pass(100_000);
  const [anchor, ...since] = server.lists.slice(asked);
  expect(anchor).toEqual({ sinceMs: 0, pageSize: 1 });
  for (const { sinceMs } of since) expect(sinceMs).toBeGreaterThan(server.nowMs - 120_000);
  server.end('OUT-2');
  await pass(1_100);
  await over;
  expect(arrived).toEqual(['OUT-1', 'OUT-2']);
});

test('an abort ends the iteration without an error, and all requests and timers', async () => {
  const controller = new AbortController();
  const { over, arrived } = watch(sids(100), { signal: controller.signal });
  await pass(500);
  controller.abort();
  await over;
  await pass(0);
  expect(arrived).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('an aborted signal makes no request', async () => {
  const { server, over } = watch(['OUT-1'], { signal: AbortSignal.abort() });
  await over;
  expect([server.lists, server.reads]).toEqual([[], []]);
});

test('return during a pending next ends everything, the source too', async () => {
  const source = { next: () => new Promise<never>(() => undefined), return: vi.fn() };
  const { outcomes, over } = watch({ [Symbol.asyncIterator]: () => source });
  await pass(500);
  await outcomes.return();
  await over;
  expect(source.return).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

test.each(['', 'CA-1', 'OUT-a b'])('the call SID %j is rejected', async (callSid) => {
  await expect(watch([callSid]).over).rejects.toThrow(TypeError);
});

test('an error of the source ends the iteration, after what has settled is yielded', async () => {
  const server = new FakeMonitorService();
  server.end('OUT-1');
  const { arrived, over } = watch(
    (async function* () {
      yield 'OUT-1';
      await new Promise((resolve) => setTimeout(resolve, 500));
      throw new Error('no more');
    })(),
    { server },
  );
  await pass(1_000);
  await expect(over).rejects.toThrow('no more');
  expect(arrived).toEqual(['OUT-1']);
});

test('options out of their range are rejected at once', () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  onTestFinished(() => connection.close());
  const client = new Client({ connection });
  for (const everyMs of [0, 99, NaN, Infinity])
    expect(() => awaitMonitors(client, [], { everyMs })).toThrow(RangeError);
  expect(() => awaitMonitors(client, [], { maxReadsPerSecond: 0 })).toThrow(RangeError);
});
