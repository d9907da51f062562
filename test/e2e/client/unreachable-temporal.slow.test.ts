import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { expect, inject, onTestFinished, test } from 'vitest';

import { awaitCallOutcome, awaitMonitors, startMonitor } from '../../../src/client.js';
import { type DevServer, startDevServer } from '../../../src/playground/temporal-server.js';
import { READY_TIMEOUT_MS } from '../../support/shared-dev-server.js';

const serverOptions = () => ({
  executablePath: inject('temporalCliPath'),
  ui: false,
  readyTimeoutMs: READY_TIMEOUT_MS,
});

test('no outcome is lost while the server is unreachable', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'await-monitors-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const options = { ...serverOptions(), dbFilename: join(folder, 'temporal.db') };
  const before = await startDevServer(options);
  const client = await clientOf(before);
  const { workflowId } = await startMonitor(client, { callSid: 'OUT-1' });

  const outcomes = awaitMonitors(client, ['OUT-1'], { everyMs: 200 });
  onTestFinished(async () => {
    await outcomes.return();
  });
  const outcome = outcomes.next();
  await pause(500);
  await before.stop();
  await pause(3_000);
  const after = await startDevServer({ ...options, port: Number(before.address.split(':')[1]) });
  onTestFinished(() => after.stop());
  await client.workflow.getHandle(workflowId).terminate('enough');

  expect((await outcome).value?.error).toMatchObject({ message: 'enough' });
});

test.each([
  ['awaitMonitors', (client: Client, signal: AbortSignal) => awaitMonitors(client, ['OUT-1'], { signal }).next()],
  [
    'awaitCallOutcome',
    (client: Client, signal: AbortSignal) =>
      awaitCallOutcome(client, { callSid: 'OUT-1' }, { signal }).catch((error: unknown) => {
        expect(error).toBe(signal.reason);
      }),
  ],
])(
  '%s that is aborted while the server is unreachable leaves no request to the closed connection',
  async (_name, wait) => {
    const server = await startDevServer(serverOptions());
    const client = await clientOf(server);
    await startMonitor(client, { callSid: 'OUT-1' });
    const controller = new AbortController();

    const waiting = wait(client, controller.signal);
    await pause(500);
    await server.stop();
    // Long enough for requests to be repeated from timers, which throw out of the process when the connection is closed.
    await pause(2_000);
    controller.abort();
    const abortedAt = Date.now();
    await waiting;
    expect(Date.now() - abortedAt).toBeLessThan(6_000);
    await client.connection.close();
    await pause(6_000);
  },
);

/** A client that closes its connection with the test. */
async function clientOf({ address, namespace }: DevServer): Promise<Client> {
  const connection = await Connection.connect({ address });
  onTestFinished(() => connection.close());
  return new Client({ connection, namespace });
}
