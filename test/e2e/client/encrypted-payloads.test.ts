import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';

import { createActivities } from '../../../src/activities.js';
import { awaitCallOutcome, type MonitorHandle, startMonitor } from '../../../src/client.js';
import { checkMonitorsAtRisk } from '../../../src/cli/doctor/monitors-at-risk.js';
import { STATUS_RETENTION_MS } from '../../../src/contract/retention.js';
import { DEFAULT_TASK_QUEUE, PolyAiClient } from '../../../src/index.js';
import { ContextCodec } from '../../support/context-codec.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';

const rig = useDevServerRig({ searchAttributes: false });

const dataConverter = {
  payloadCodecs: [new ContextCodec()],
  failureConverterPath: fileURLToPath(new URL('../../support/failure-converter.mjs', import.meta.url)),
};

function encryptingClient(): Client {
  const { connection, options } = rig().client;
  return new Client({ connection, namespace: options.namespace, dataConverter });
}

async function whileWorking<T>(work: () => Promise<T>): Promise<T> {
  const polyAi = new PolyAiClient({ baseUrl: rig().simulator.url, token: rig().simulator.token });
  const worker = await Worker.create({
    connection: rig().nativeConnection,
    namespace: rig().server.namespace,
    taskQueue: DEFAULT_TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('../../../src/workflows.ts', import.meta.url)),
    activities: createActivities({ polyAi }),
    dataConverter,
  });
  return await worker.runUntil(work).finally(() => polyAi.close());
}

const HALF_AN_HOUR_MS = 30 * 60_000;

async function lastObservedAt(monitor: MonitorHandle): Promise<string | undefined> {
  return (await monitor.progress()).lastObservation?.observedAt;
}

test('with a codec that needs the context, what raw responses contain is read as anything else', async () => {
  const client = encryptingClient();
  const callSids = { held: 'OUT-codec-held', failing: 'OUT-codec-failing', ended: 'OUT-codec-ended' };
  for (const callSid of [callSids.held, callSids.failing]) {
    rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });
  }
  rig().simulator.addCall(callSids.ended, { queuedMs: 0, callingMs: 0, outcome: 'failure', reason: 'busy' });

  await whileWorking(async () => {
    expect(await awaitCallOutcome(client, { callSid: callSids.ended })).toMatchObject({ reason: 'busy' });

    const held = await startMonitor(client, { callSid: callSids.held, polling: { interval: 300 } });
    const failing = await startMonitor(client, { callSid: callSids.failing, polling: { interval: 300, hold: 0 } });
    for (const monitor of [held, failing]) await eventually('an observation', () => lastObservedAt(monitor));

    // The encoded failure and the heartbeat of a pending activity.
    rig().simulator.setFault({ kind: 'status', status: 503 });
    const { lastFailure, held: heartbeat } = await eventually('a failure', async () => {
      const { pendingPoll } = await failing.describe();
      return pendingPoll?.lastFailure && pendingPoll;
    });
    expect(lastFailure).toMatchObject({
      type: 'PolyAiUnavailable',
      message: expect.stringContaining('503') as string,
    });
    expect(heartbeat?.lastError).toMatchObject({ type: 'PolyAiUnavailable' });

    // The doctor goes through both histories: to a status report, and to the result of an activity.
    const { connection, options } = rig().client;
    const access = { connection, client, namespace: options.namespace, address: rig().server.address };
    const at = { taskQueue: DEFAULT_TASK_QUEUE, stopAtMs: performance.now() + 20_000 };
    const finding = await checkMonitorsAtRisk(access as never, { ...at, nowMs: Date.now() + HALF_AN_HOUR_MS + 60_000 });
    expect(finding.found).not.toContain('could not be read');
    for (const monitor of [held, failing]) {
      const safeUntil = new Date(Date.parse((await lastObservedAt(monitor))!) + STATUS_RETENTION_MS).toISOString();
      expect(finding.found).toContain(`${monitor.workflowId} until ${safeUntil}`);
    }

    for (const monitor of [held, failing]) await client.workflow.getHandle(monitor.workflowId).terminate();
  });
});
