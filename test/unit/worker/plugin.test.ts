import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { PolyAiActivities } from '../../../src/activities.js';
import { PolyAiPlugin } from '../../../src/plugin.js';
import { workflowsPath } from '../../../src/worker/workflow-code.js';
import { quietRuntime } from '../../support/quiet-runtime.js';
import { RecordingMeter } from '../../support/recording-meter.js';

quietRuntime();

const polyAi = { getCallStatus: () => Promise.reject(new Error('no request is expected')) };
const plugin = new PolyAiPlugin({ polyAi, searchAttributes: 'off' });

/** Not asked, with search attributes off. */
const connection = Object.create(NativeConnection.prototype) as NativeConnection;

function configure(own: Partial<WorkerOptions>, by = plugin): Promise<WorkerOptions> {
  return by.configureWorker({ taskQueue: 'calls', connection, ...own });
}

test('the options of the worker are kept, those that it has not set are added', async () => {
  const greet = () => Promise.resolve('hello');
  const interceptors = { activity: [], workflowModules: ['./mine.js'] };
  const configured = await configure({
    activities: { greet },
    workflowsPath: '/own/workflows.js',
    interceptors,
    maxConcurrentWorkflowTaskExecutions: 7,
  });

  expect(configured).toMatchObject({ workflowsPath: '/own/workflows.js', maxConcurrentWorkflowTaskExecutions: 7 });
  expect(configured).toMatchObject({ interceptors, maxConcurrentActivityTaskExecutions: 1_150 });
  expect(configured).not.toHaveProperty('maxCachedWorkflows');
  expect(Object.keys(configured.activities!)).toEqual(['greet', 'getStatus', 'readMonitor', 'saveOutcome']);
});

test('a worker without workflows of its own runs those of this package; a prebuilt bundle is left as it is', async () => {
  expect(await configure({})).toMatchObject({ workflowsPath });
  expect(await configure({ workflowBundle: { code: '' } })).not.toHaveProperty('workflowsPath');
});

test('the number of activity slots, or a tuner, stays as the worker set it', async () => {
  expect(await configure({ maxConcurrentActivityTaskExecutions: 10 })).toMatchObject({
    maxConcurrentActivityTaskExecutions: 10,
  });
  const tuner = {} as NonNullable<WorkerOptions['tuner']>;
  expect(await configure({ tuner })).not.toHaveProperty('maxConcurrentActivityTaskExecutions');
});

test('given twice, by one instance or by two, it acts once', async () => {
  const once = await configure({});

  expect(await plugin.configureWorker(once)).toBe(once);
  expect(await new PolyAiPlugin({ polyAi, searchAttributes: 'off' }).configureWorker(once)).toBe(once);
  await expect(new PolyAiPlugin({ polyAi, callsAtOnce: 7 }).configureWorker(once)).rejects.toThrow(
    'PolyAiPlugin was given twice with different options (searchAttributes, callsAtOnce)',
  );

  const bundle = plugin.configureBundler({ workflowsPath: '/own/workflows.js' });
  expect(plugin.configureBundler(bundle)).toEqual(bundle);
});

test('a worker without a connection that cannot reach the server fails at once, as it would without the plugin', async () => {
  const connect = vi.spyOn(NativeConnection, 'connect').mockRejectedValue(new Error('connection refused'));
  onTestFinished(() => connect.mockRestore());

  await expect(new PolyAiPlugin({ polyAi }).configureWorker({ taskQueue: 'calls' })).rejects.toThrow('refused');
  expect(connect).toHaveBeenCalledOnce();
});

test.each(['auto', 'off'] as const)(
  'no connection of its own stays open, with search attributes "%s"',
  async (mode) => {
    let open = 0;
    const connect = vi.spyOn(NativeConnection, 'connect').mockImplementation(() => {
      open += 1;
      const operatorService = { listSearchAttributes: () => Promise.resolve({ customAttributes: {} }) };
      return Promise.resolve({
        operatorService,
        close: () => Promise.resolve((open -= 1)),
      } as unknown as NativeConnection);
    });
    onTestFinished(() => connect.mockRestore());

    await new PolyAiPlugin({ polyAi, searchAttributes: mode }).configureWorker({ taskQueue: 'calls' });
    expect([connect.mock.calls.length, open]).toEqual([1, 0]);
  },
);

test('two workers with one plugin do not share activities, whose long polls are counted for each worker', async () => {
  const [one, other] = await Promise.all([configure({}), configure({})]);

  expect(one.activities).not.toEqual(other.activities);
});

/** Asked for nothing. */
function fakeClient(): Client {
  const withAbortSignal = (_: AbortSignal, work: () => unknown) => work();
  return { withAbortSignal } as unknown as Client;
}

test('a worker whose connection is replaced, which gives it another client, stays one worker', async () => {
  const queued = { getCallStatus: () => Promise.resolve({ status: 'queued', reason: '' }) };
  const { activities } = await configure({}, new PolyAiPlugin({ polyAi: queued, searchAttributes: 'off' }));
  const { getStatus } = activities as PolyAiActivities;
  const recording = new RecordingMeter();
  for (const client of [1, 2].map(fakeClient)) {
    const environment = new MockActivityEnvironment(undefined, { client, metricMeter: recording.meter });
    await environment.run(getStatus, { callSid: 'OUT-1' });
  }

  expect(recording.valuesOf('polyai_status_requests')).toEqual({ '{account="default",answer="ok"}': 2 });
  expect(recording.created).toHaveLength(new Set(recording.created).size);
});

test('an activity of the worker with the name of one of this package is refused', async () => {
  const getStatus = () => Promise.resolve('ready');

  await expect(configure({ activities: { getStatus } })).rejects.toThrow(
    /already: getStatus\. Leave out createActivities/,
  );
});
