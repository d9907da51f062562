import { fileURLToPath } from 'node:url';
import { type NativeConnection, Worker } from '@temporalio/worker';

import { createActivities } from '../activities/create-activities.js';
import type { StatusUpdates } from '../activities/status-reporter.js';
import { DEFAULT_CALLS_AT_ONCE, holdingWorkerOptions } from '../activities/worker-options.js';
import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../contract/names.js';
import type { OutcomeStore } from '../outcomes/store.js';
import { INDEXED_VALUE_TYPE_KEYWORD } from '../platform/temporal-client.js';
import type { PolyAiClient } from '../polyai/client.js';

/** The module that a worker bundles its workflows from. */
export const workflowsPath = fileURLToPath(new URL('../workflows.js', import.meta.url));

interface CreateWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** The default account, for monitors that name none. Optional with `accounts`. */
  readonly polyAi?: PolyAiClient | undefined;
  /** Other accounts and regions, by the names that monitors refer to. */
  readonly accounts?: Readonly<Record<string, PolyAiClient>> | undefined;
  /**
   * How many long polls the worker runs at once. Its number of activity slots follows from it.
   * @default 1_000
   */
  readonly callsAtOnce?: number | undefined;
  /**
   * How a status change during a long poll reaches the monitor; see `ActivityDependencies.statusUpdates`.
   * @default 'signal'
   */
  readonly statusUpdates?: StatusUpdates | undefined;
  /** Where outcomes are saved; without it they are not. The caller closes it after the worker has stopped. */
  readonly outcomes?: OutcomeStore | undefined;
  /** A bundle from `temporal-polyai bundle` with this version of `@temporalio/worker`. */
  readonly workflowBundlePath?: string | undefined;
}

/** Creates a worker from its parts, without the environment. */
export async function createWorker(options: CreateWorkerOptions): Promise<Worker> {
  const { connection, namespace, taskQueue, polyAi, accounts, outcomes, workflowBundlePath } = options;
  const { callsAtOnce = DEFAULT_CALLS_AT_ONCE, statusUpdates } = options;
  const attributes = await findSearchAttributes(connection, namespace);
  return await Worker.create({
    connection,
    namespace,
    taskQueue,
    activities: createActivities({ polyAi, accounts, outcomes, callsAtOnce, statusUpdates, ...attributes }),
    ...(workflowBundlePath ? { workflowBundle: { codePath: workflowBundlePath } } : { workflowsPath }),
    ...holdingWorkerOptions(callsAtOnce),
  });
}

/** Which search attributes the namespace has, as Keywords; none if the server does not allow the request. */
async function findSearchAttributes(connection: NativeConnection, namespace: string) {
  const { customAttributes } = await connection.operatorService
    .listSearchAttributes({ namespace })
    .catch(() => ({ customAttributes: {} }));
  const exists = (name: string): boolean =>
    Number((customAttributes as Readonly<Record<string, unknown>>)[name]) === INDEXED_VALUE_TYPE_KEYWORD;
  return { searchAttributes: exists(CALL_STATUS_SEARCH_ATTRIBUTE), alarmAttribute: exists(ALARM_SEARCH_ATTRIBUTE) };
}
