import type { DataConverter, WorkerDeploymentVersion } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerPlugin } from '@temporalio/worker';

import { DEFAULT_CALLS_AT_ONCE, holdingWorkerOptions } from '../activities/worker-options.js';
import { PolyAiPlugin, type PolyAiPluginOptions } from './plugin.js';

export interface CreateWorkerOptions extends PolyAiPluginOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** A bundle from `temporal-polyai bundle` with this version of `@temporalio/worker`. */
  readonly workflowBundlePath?: string | undefined;
  /**
   * The version of the worker deployment that the worker belongs to.
   * @default no worker versioning
   */
  readonly deployment?: WorkerDeploymentVersion | undefined;
  /**
   * A data converter, such as one whose payload codec encrypts; the same as that of the clients. For a prebuilt bundle, its
   * `payloadConverterPath` must be in the bundle.
   * @default the SDK's
   */
  readonly dataConverter?: DataConverter | undefined;
  /**
   * Further plugins, such as the `OpenTelemetryPlugin` of `@temporalio/interceptors-opentelemetry`.
   * @default none
   */
  readonly plugins?: readonly WorkerPlugin[] | undefined;
}

/**
 * Creates a worker that monitors calls and does nothing else, without reading the environment. For a worker that has workflows
 * and activities of yours, see {@link PolyAiPlugin}.
 *
 * @throws {TypeError} without any account
 * @throws {RangeError} unless `callsAtOnce` is a whole number above 0
 * @example
 * const connection = await NativeConnection.connect();
 * const worker = await createWorker({ connection, namespace: 'default', taskQueue: 'polyai-outbound-calls', polyAi });
 * await worker.run();
 */
export async function createWorker(options: CreateWorkerOptions): Promise<Worker> {
  const { connection, namespace, taskQueue, workflowBundlePath, deployment, dataConverter, ...rest } = options;
  const { plugins = [], ...monitoring } = rest;
  const { maxCachedWorkflows } = holdingWorkerOptions(monitoring.callsAtOnce ?? DEFAULT_CALLS_AT_ONCE);
  return await Worker.create({
    connection,
    namespace,
    taskQueue,
    plugins: [new PolyAiPlugin(monitoring), ...plugins],
    ...(workflowBundlePath && { workflowBundle: { codePath: workflowBundlePath } }),
    ...(dataConverter && { dataConverter }),
    ...(deployment && { workerDeploymentOptions: deploymentOptions(deployment) }),
    maxCachedWorkflows,
  });
}

function deploymentOptions(version: WorkerDeploymentVersion) {
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' } as const;
}
