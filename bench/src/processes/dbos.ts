/** The textbook loop as a DBOS workflow: each poll is a step, each wait a durable sleep. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { fetchStatus, isTerminal, nextPollMs, PendingResults, type LoopFunctions } from './polling-loop.js';
import { serve } from './child-process.js';

const monitor = DBOS.registerWorkflow(
  async (callSid: string) => {
    for (;;) {
      const status = await DBOS.runStep(() => fetchStatus(callSid), { name: 'getStatus', retriesAllowed: true });
      if (isTerminal(status)) return status;
      await DBOS.sleepms(nextPollMs());
    }
  },
  { name: 'monitorOutboundCall' },
);
const empty = DBOS.registerWorkflow(() => Promise.resolve(), { name: 'empty' });

DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: process.env['BENCH_DATABASE_URL'] ?? '',
  systemDatabasePoolSize: 20,
  logLevel: 'error',
});
await DBOS.launch();

const results = new PendingResults();

serve({
  async begin(callSid) {
    const handle = await DBOS.startWorkflow(monitor, { workflowID: callSid })(callSid);
    results.add(callSid, handle.getResult());
  },
  result: (callSid) => results.take(callSid),
  async runEmpty() {
    await (await DBOS.startWorkflow(empty)()).getResult();
  },
} satisfies LoopFunctions);
