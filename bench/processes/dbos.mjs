/** The textbook loop as a DBOS workflow: each poll is a step, each wait a durable sleep. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { classifyCallStatus } from '../../dist/contract/index.js';
import { PolyAiClient } from '../../dist/polyai/index.js';
import { jittered } from './jittered.mjs';
import { keptResults } from './kept-results.mjs';
import { serve } from './serve.mjs';

const { POLYAI_BASE_URL: baseUrl = '', POLYAI_AUTH_TOKEN: token = '', BENCH_INTERVAL_MS } = process.env;
const polyAi = new PolyAiClient({ baseUrl, token });

const getStatus = async (/** @type {string} */ callSid) => (await polyAi.getCallStatus(callSid)).status;

const monitor = DBOS.registerWorkflow(
  async (/** @type {string} */ callSid) => {
    for (;;) {
      const status = await DBOS.runStep(() => getStatus(callSid), { name: 'getStatus', retriesAllowed: true });
      if (classifyCallStatus(status).kind === 'terminal') return status;
      await DBOS.sleepms(jittered(Number(BENCH_INTERVAL_MS)));
    }
  },
  { name: 'monitorOutboundCall' },
);
const empty = DBOS.registerWorkflow(() => Promise.resolve(), { name: 'empty' });

DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: process.env.BENCH_DATABASE_URL ?? '',
  systemDatabasePoolSize: 20,
  logLevel: 'error',
});
await DBOS.launch();

const results = keptResults();

serve({
  /** @param {string} callSid */
  async begin(callSid) {
    const handle = await DBOS.startWorkflow(monitor, { workflowID: callSid })(callSid);
    results.keep(callSid, handle.getResult());
  },
  result: results.take,
  async empty() {
    await (await DBOS.startWorkflow(empty)()).getResult();
  },
});
