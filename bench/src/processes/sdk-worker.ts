/** The least that monitors calls with the Temporal SDK: the loop of `bare` in an activity, and a signal for each change. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { fetchStatus, isTerminal, nextPollMs } from './polling-loop.js';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const callsAtOnce = Number(process.env['POLYAI_CALLS_AT_ONCE']);
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await NativeConnection.connect(connectionOptions);
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue: process.env['POLYAI_TASK_QUEUE'] ?? '',
  workflowsPath: path('sdk-workflow.js'),
  bundlerOptions: { preloadModules: [path('sdk-preloaded.js')] },
  maxCachedWorkflows: callsAtOnce,
  maxConcurrentActivityTaskExecutions: callsAtOnce,
  activities: { pollToEnd },
});
await worker.run();
await connection.close();

/** Polls a call until it has ended. */
async function pollToEnd(callSid: string): Promise<string> {
  const { client, info } = Context.current();
  const { workflowId, runId } = info.workflowExecution!;
  const monitor = client.workflow.getHandle(workflowId, runId);
  let known: string | undefined;
  for (;;) {
    const status = await fetchStatus(callSid);
    if (isTerminal(status)) return status;
    if (status !== known) await monitor.signal('status', status);
    known = status;
    await sleep(nextPollMs());
  }
}
