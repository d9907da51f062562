import { proxySinks, workflowInfo, type WorkflowInterceptors } from '@temporalio/workflow';

import { MONITOR_WORKFLOW_TYPE } from '../contract/names.js';
import type { MonitorStartSinks } from '../contract/no-worker.js';

/**
 * Tells the worker of each monitor that a workflow has started as its child. For the bundler's `workflowInterceptorModules`; the
 * worker must have the sink. Adds no command, and returns the SDK's own promise, so that no history is replayed otherwise.
 */
export function interceptors(): WorkflowInterceptors {
  return {
    outbound: [
      {
        startChildWorkflowExecution(input, next) {
          const starting = next(input);
          if (input.workflowType === MONITOR_WORKFLOW_TYPE) {
            const { taskQueue = workflowInfo().taskQueue } = input.options;
            void tellOnceStarted(starting, taskQueue);
          }
          return starting;
        },
      },
    ],
  };
}

async function tellOnceStarted(starting: Promise<readonly [Promise<string>, unknown]>, taskQueue: string) {
  try {
    const [started] = await starting;
    await started;
  } catch {
    return; // The workflow gets the error.
  }
  // The SDK makes no such call in a replay, but logs an error where a replayer has no sink.
  if (workflowInfo().unsafe.isReplaying) return;
  proxySinks<MonitorStartSinks>().polyAiMonitorStarts.started(taskQueue);
}
