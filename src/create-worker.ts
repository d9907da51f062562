import { fileURLToPath } from 'node:url';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';

import { createActivities, DEFAULT_CALLS_AT_ONCE, holdingWorkerOptions } from './activities/index.js';
import { CALL_STATUS_SEARCH_ATTRIBUTE } from './contract/index.js';
import type { PolyAiClient } from './polyai/index.js';

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;

/** The module that a worker bundles its workflows from. */
export const workflowsPath = fileURLToPath(new URL('./workflows/index.js', import.meta.url));

export interface CreateWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly polyAi: PolyAiClient;
  /**
   * How many calls the worker holds at once; its slots, cache and heartbeats follow from it.
   * @default 1_000
   */
  readonly callsAtOnce?: number | undefined;
  /** A bundle made by `temporal-polyai bundle` with this version of `@temporalio/worker`. */
  readonly workflowBundlePath?: string | undefined;
  /** Anything else about the worker; wins over what this function sets. */
  readonly overrides?: Partial<WorkerOptions> | undefined;
}

/** Builds the worker of this package from what it is given. Reads no environment. */
export async function createWorker(options: CreateWorkerOptions): Promise<Worker> {
  const { connection, namespace, taskQueue, polyAi, workflowBundlePath, overrides } = options;
  const { callsAtOnce = DEFAULT_CALLS_AT_ONCE } = options;
  const { maxConcurrentActivityTaskExecutions, ...others } = holdingWorkerOptions(callsAtOnce);
  const searchAttributes = await hasCallStatusAttribute(connection, namespace);
  return await Worker.create({
    connection,
    namespace,
    taskQueue,
    activities: createActivities({ polyAi, searchAttributes, callsAtOnce }),
    ...(workflowBundlePath ? { workflowBundle: { codePath: workflowBundlePath } } : { workflowsPath }),
    ...others,
    // The SDK takes slots or a tuner, not both.
    ...(!overrides?.tuner && { maxConcurrentActivityTaskExecutions }),
    ...overrides,
  });
}

/** Whether the namespace has the search attribute, as a Keyword; `false` too where the server does not let us ask. */
async function hasCallStatusAttribute(connection: NativeConnection, namespace: string): Promise<boolean> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Number(customAttributes[CALL_STATUS_SEARCH_ATTRIBUTE]) === KEYWORD;
  } catch {
    return false;
  }
}
