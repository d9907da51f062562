import { forkChild } from '../child.mjs';
import { startPostgres } from '../postgres.mjs';
import { UnavailableError } from './shape.mjs';

/** @type {import('./shape.mjs').Shape} */
export const dbos = {
  name: 'dbos',
  about: 'the textbook loop in DBOS on PostgreSQL: a step for each poll, a durable sleep between two',
  mostLive: 3_000,
  async start({ env, folder }) {
    checkInstalled();
    const postgres = await startPostgres(folder);
    const child = forkChild('dbos', { ...env, BENCH_DATABASE_URL: postgres.url });
    return {
      workerPids: [child.pid],
      serverPids: [postgres.pid],
      failed: child.failed,
      maxWaiters: Infinity,
      begin: (callSid) => child.request('begin', callSid),
      result: (callSid) => child.request('result', callSid),
      runEmpty: () => child.request('empty'),
      async stop() {
        await child.end();
        await postgres.stop();
      },
    };
  },
};

function checkInstalled() {
  try {
    import.meta.resolve('@dbos-inc/dbos-sdk');
  } catch {
    throw new UnavailableError('@dbos-inc/dbos-sdk is not installed (npm ci --prefix bench)');
  }
}
