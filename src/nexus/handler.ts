import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { getClient, startWorkflow, WorkflowRunOperationHandler } from '@temporalio/nexus';
import {
  HandlerError,
  type OperationHandler,
  HandlerStartOperationResult,
  OperationError,
  type ServiceHandler,
  serviceHandler,
  type StartOperationContext,
} from 'nexus-rpc';

import { INVALID_CALL_SID_MESSAGE, isCallSid } from '../contract/call.js';
import type { FailureType } from '../contract/failures.js';
import type { MonitorOutboundCallInput, MonitorOutboundCallResult, MonitorWorkflow } from '../contract/monitor.js';
import { MONITOR_WORKFLOW_TYPE, monitorWorkflowId } from '../contract/names.js';
import { monitorStartOptions } from '../contract/start-options.js';
import { outboundCallsService } from './service.js';

export interface NexusServiceHandlerOptions {
  /**
   * The task queue for monitors.
   * @default the task queue of the worker that has the handler
   */
  readonly taskQueue?: string | undefined;
}

/**
 * Creates the handler of `outboundCallsService`, for the `nexusServices` of a worker. An operation starts the monitor of its
 * call, joins the one that runs, or returns the result of the one that has completed.
 *
 * @example
 * const worker = await Worker.create({ taskQueue, workflowsPath, activities, nexusServices: [createNexusServiceHandler()] });
 */
export function createNexusServiceHandler(
  options: NexusServiceHandlerOptions = {},
): ServiceHandler<(typeof outboundCallsService)['operations']> {
  return serviceHandler(outboundCallsService, { monitorOutboundCall: new MonitorOperation(options) });
}

type Started = HandlerStartOperationResult<MonitorOutboundCallResult>;

class MonitorOperation implements OperationHandler<MonitorOutboundCallInput, MonitorOutboundCallResult> {
  readonly #run: WorkflowRunOperationHandler<MonitorOutboundCallInput, MonitorOutboundCallResult>;

  constructor({ taskQueue }: NexusServiceHandlerOptions) {
    this.#run = new WorkflowRunOperationHandler(async (context, input) => {
      const { callSid } = input;
      return await startWorkflow<MonitorWorkflow>(context, MONITOR_WORKFLOW_TYPE, {
        args: [input],
        // The operation is added to the monitor that runs.
        workflowIdConflictPolicy: 'USE_EXISTING',
        ...monitorStartOptions(callSid),
        ...(taskQueue !== undefined && { taskQueue }),
      });
    });
  }

  async start(context: StartOperationContext, input: MonitorOutboundCallInput): Promise<Started> {
    checkInput(input);
    try {
      return await this.#run.start(context, input);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return HandlerStartOperationResult.sync(await resultOfCompleted(input));
    }
  }

  /** Others may wait for the same monitor. */
  cancel(): Promise<void> {
    const message =
      'an operation does not cancel the monitor, which may have other callers; cancel its workflow instead';
    return Promise.reject(new HandlerError('NOT_IMPLEMENTED', message));
  }
}

/** A monitor that is not started again has returned a result. */
async function resultOfCompleted(input: MonitorOutboundCallInput): Promise<MonitorOutboundCallResult> {
  return await getClient().workflow.getHandle<MonitorWorkflow>(monitorWorkflowId(input.callSid)).result();
}

/** Callers in any language send it. The rest of the input is checked by the workflow. */
function checkInput(input: Partial<MonitorOutboundCallInput> | null | undefined): void {
  const callSid: unknown = input?.callSid;
  if (isCallSid(callSid)) return;
  const isText = typeof callSid === 'string';
  const type: FailureType = isText ? 'InvalidCallSid' : 'InvalidInput';
  const message = isText ? INVALID_CALL_SID_MESSAGE : 'callSid must be a string such as "OUT-…"';
  const cause = ApplicationFailure.nonRetryable(message, type);
  throw new OperationError('failed', message, { cause });
}
