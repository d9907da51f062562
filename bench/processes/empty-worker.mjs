/** A worker of a workflow that does nothing: what the server can do at most. */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { loadTemporalConfig } from '../../dist/load-temporal-config.js';

process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();

const { connectionOptions, namespace } = loadTemporalConfig();
const connection = await NativeConnection.connect(connectionOptions);
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue: process.env.BENCH_TASK_QUEUE ?? '',
  workflowsPath: fileURLToPath(new URL('../workflows/empty.mjs', import.meta.url)),
});
await worker.run();
await connection.close();
