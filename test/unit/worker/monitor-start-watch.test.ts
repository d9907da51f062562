import { beforeEach, expect, test, vi } from 'vitest';

import { MonitorStartWatch } from '../../../src/worker/monitor-start-watch.js';

/** A watch of a worker that polls "own", on a server where these task queues have a poller. */
function watch(polled: readonly string[]) {
  const asked: string[] = [];
  const warnings: string[] = [];
  const describeTaskQueue = ({ taskQueue: { name } }: { taskQueue: { name: string } }) => {
    asked.push(name);
    return Promise.resolve({
      pollers: polled.includes(name) ? [{ identity: '1@here', lastAccessTime: { seconds: Date.now() / 1_000 } }] : [],
    });
  };
  const { sinks } = new MonitorStartWatch({
    connection: { workflowService: { describeTaskQueue } } as never,
    namespace: 'default',
    taskQueue: 'own',
    logger: { warn: (message) => warnings.push(message) },
  });
  const start = (taskQueue: string) => void sinks.polyAiMonitorStarts.started.fn({} as never, taskQueue);
  return { start, asked, warnings };
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

test('a task queue that no worker polls is warned of after 5 s, once a minute however many monitors start on it', async () => {
  const { start, asked, warnings } = watch([]);

  start('nobody');
  await vi.advanceTimersByTimeAsync(4_999);
  expect(asked).toEqual([]);
  start('nobody');
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual(['nobody']);
  expect(warnings).toEqual([expect.stringContaining('no worker polls the task queue "nobody" in namespace "default"')]);

  await vi.advanceTimersByTimeAsync(54_999);
  start('nobody');
  await vi.advanceTimersByTimeAsync(1);
  start('nobody');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(warnings).toHaveLength(2);
});

test('a task queue that is polled is not warned of, and the own one not even asked about', async () => {
  const { start, asked, warnings } = watch(['polled', 'own']);

  start('polled');
  start('own');
  await vi.advanceTimersByTimeAsync(5_000);

  expect(asked).toEqual(['polled']);
  expect(warnings).toEqual([]);
});

test('a server that gives no answer is not warned of', async () => {
  const warn = vi.fn();
  const describeTaskQueue = () => Promise.reject(new Error('unavailable'));
  const connection = { workflowService: { describeTaskQueue } } as never;
  const { sinks } = new MonitorStartWatch({ connection, namespace: 'default', taskQueue: 'own', logger: { warn } });

  void sinks.polyAiMonitorStarts.started.fn({} as never, 'nobody');
  await vi.advanceTimersByTimeAsync(5_000);

  expect(warn).not.toHaveBeenCalled();
});
