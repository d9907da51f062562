import type { WorkerOptions } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { PolyAiActivities } from '../../../src/activities.js';
import { TestPlugin } from '../../../src/testing/test-plugin.js';
import { workflowsPath } from '../../../src/worker/workflow-code.js';

const unexpected = () => Promise.reject(new Error('no call is expected'));
const kitActivities: PolyAiActivities = { getStatus: unexpected, readMonitor: unexpected, saveOutcome: unexpected };
const plugin = new TestPlugin(kitActivities);

function configure(own: Partial<WorkerOptions>): WorkerOptions {
  return plugin.configureWorker({ taskQueue: 'calls', ...own });
}

test("the worker's options are kept, its activities too where they have the name of one of the kit", () => {
  const greet = () => Promise.resolve('hello');
  const getStatus = () => Promise.resolve('counted');
  const sinks = { mine: {} };

  const configured = configure({ activities: { greet, getStatus }, workflowsPath: '/own/workflows.js', sinks });

  expect(configured.workflowsPath).toBe('/own/workflows.js');
  expect(configured.activities).toEqual({ ...kitActivities, greet, getStatus });
  expect(configured.sinks).toMatchObject({ mine: {}, polyAiMonitorStarts: {} });
});

test('a worker without workflows of its own runs those of this package; a prebuilt bundle is left as it is', () => {
  expect(configure({})).toMatchObject({ workflowsPath });
  expect(configure({ workflowBundle: { code: '' } })).not.toHaveProperty('workflowsPath');
  expect(plugin.configureReplayWorker({})).toMatchObject({ workflowsPath });
});

test('a monitor on a task queue that no worker with the plugin polls is warned of, once', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
    warn.mockRestore();
  });
  const started = (taskQueue: string) => {
    const sink = configure({}).sinks!['polyAiMonitorStarts']!['started']!;
    void sink.fn({} as WorkflowInfo, taskQueue);
    vi.advanceTimersByTime(5_000);
  };

  started('calls');
  expect(warn).not.toHaveBeenCalled();
  started('polyai-outbound-calls');
  started('polyai-outbound-calls');
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('no worker polls the task queue "polyai-outbound-calls"'), 'NoWorkerWarning'],
  ]);
});
