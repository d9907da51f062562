import type { Client } from '@temporalio/client';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { type NoWorkerError, NoWorkerWatch } from '../../../src/client/no-worker.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WAIT_MS = 5_000;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A server whose monitors wait on the task queue `lonely` for a worker, which nobody polls. */
function serverUnderTest() {
  const service = {
    describeWorkflowExecution: vi.fn(() =>
      Promise.resolve<object>({ pendingWorkflowTask: {}, workflowExecutionInfo: { taskQueue: 'lonely' } }),
    ),
    describeTaskQueue: vi.fn(() => Promise.resolve<object>({ pollers: [] })),
  };
  const client = {
    options: { namespace: 'default' },
    workflowService: service,
    withDeadline: (_deadline: unknown, call: () => unknown) => call(),
    withAbortSignal: (_signal: unknown, call: () => unknown) => call(),
  } as unknown as Client;
  const problems: NoWorkerError[] = [];
  const onNoWorker = (problem: NoWorkerError): void => void problems.push(problem);
  return { client, service, problems, watch: new NoWorkerWatch(client, { onNoWorker }) };
}

/** A promise that a test settles. */
function later<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Watches a monitor until the end of the test. */
function watchMonitor(watch: NoWorkerWatch): void {
  const work = later<string>();
  const watching = watch.during('outbound-call-OUT-1', work.promise);
  onTestFinished(async () => {
    work.resolve('result');
    await watching;
  });
}

test('a monitor that waits for a worker on a task queue without one is reported once, after five seconds', async () => {
  const { problems, watch } = serverUnderTest();
  watchMonitor(watch);

  await pass(WAIT_MS - 1);
  expect(problems).toEqual([]);
  await pass(1);
  expect(problems).toMatchObject([{ code: 'NO_WORKER', taskQueue: 'lonely', namespace: 'default' }]);
  await pass(3_600_000);
  expect(problems).toHaveLength(1);
});

test('a task queue that is polled is not reported', async () => {
  const { service, problems, watch } = serverUnderTest();
  const lastAccessTime = { seconds: Math.floor(Date.now() / 1_000), nanos: 0 };
  service.describeTaskQueue.mockResolvedValue({ pollers: [{ identity: '1@host', lastAccessTime }] });
  watchMonitor(watch);

  await pass(60_000);

  expect(service.describeTaskQueue).toHaveBeenCalledOnce();
  expect(problems).toEqual([]);
});

test('a monitor that waits for no worker has its task queue not looked at', async () => {
  const { service, problems, watch } = serverUnderTest();
  service.describeWorkflowExecution.mockResolvedValue({ workflowExecutionInfo: { taskQueue: 'lonely' } });
  watchMonitor(watch);

  await pass(60_000);

  expect(service.describeWorkflowExecution).toHaveBeenCalledOnce();
  expect(service.describeTaskQueue).not.toHaveBeenCalled();
  expect(problems).toEqual([]);
});

test('a monitor that ends in time costs no request and leaves no timer', async () => {
  const { service, problems, watch } = serverUnderTest();

  expect(await watch.during('outbound-call-OUT-1', Promise.resolve('result'))).toBe('result');
  await expect(watch.during('outbound-call-OUT-1', Promise.reject(new Error('failed')))).rejects.toThrow('failed');

  expect(vi.getTimerCount()).toBe(0);
  expect(service.describeWorkflowExecution).not.toHaveBeenCalled();
  expect(problems).toEqual([]);
});

test('an answer that comes after the end of a monitor is not reported, and is waited for', async () => {
  const { service, problems, watch } = serverUnderTest();
  const answer = later<object>();
  service.describeTaskQueue.mockReturnValue(answer.promise);
  const work = later<string>();
  let isOver = false;
  const watching = watch.during('outbound-call-OUT-1', work.promise).finally(() => (isOver = true));
  await pass(WAIT_MS);

  work.resolve('result');
  await pass(0);
  expect(isOver).toBe(false);
  answer.resolve({ pollers: [] });

  expect(await watching).toBe('result');
  expect(problems).toEqual([]);
});

test.each(['describeWorkflowExecution', 'describeTaskQueue'] as const)(
  'an error of %s is no report, and does not end the wait',
  async (request) => {
    const { service, problems, watch } = serverUnderTest();
    service[request].mockRejectedValue(new Error('unavailable'));
    const work = later<string>();
    const watching = watch.during('outbound-call-OUT-1', work.promise);
    await pass(60_000);
    work.resolve('result');

    expect(await watching).toBe('result');
    expect(problems).toEqual([]);
  },
);

test('a task queue on which many monitors wait is looked at and reported once, each other one too', async () => {
  const { service, problems, watch } = serverUnderTest();
  const { signal } = new AbortController();
  for (const taskQueue of ['lonely', 'lonely', 'quiet', 'lonely']) watch.watchQueue(taskQueue, signal);
  await pass(WAIT_MS);
  watch.watchQueue('lonely', signal);
  await pass(60_000);

  expect(problems.map(({ taskQueue }) => taskQueue)).toEqual(['lonely', 'quiet']);
  expect(service.describeTaskQueue).toHaveBeenCalledTimes(2);
  await watch.untilIdle();
});

test('an abort ends the watch of a task queue without a report, a request or a timer', async () => {
  const { service, problems, watch } = serverUnderTest();
  const end = new AbortController();
  watch.watchQueue('lonely', end.signal);
  await pass(WAIT_MS - 1);
  end.abort();
  await watch.untilIdle();

  expect(vi.getTimerCount()).toBe(0);
  expect(service.describeTaskQueue).not.toHaveBeenCalled();
  expect(problems).toEqual([]);
});

test('without a callback the process is warned once for each task queue of a client', async () => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
  onTestFinished(() => emitWarning.mockRestore());
  const { client } = serverUnderTest();
  const { signal } = new AbortController();
  for (const taskQueue of ['lonely', 'lonely', 'quiet']) new NoWorkerWatch(client, {}).watchQueue(taskQueue, signal);
  await pass(WAIT_MS);

  expect(emitWarning.mock.calls).toEqual([
    [expect.stringContaining('"lonely"'), { type: 'NoWorkerWarning', code: 'NO_WORKER' }],
    [expect.stringContaining('"quiet"'), { type: 'NoWorkerWarning', code: 'NO_WORKER' }],
  ]);
});
