/** A worker of a workflow that does nothing: the most that the server can do. */
import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { shutDownWithParent } from './child-process.js';

shutDownWithParent();
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await NativeConnection.connect(connectionOptions);
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue: process.env['BENCH_TASK_QUEUE'] ?? '',
  workflowsPath: fileURLToPath(new URL('empty-workflow.js', import.meta.url)),
});
await worker.run();
await connection.close();
