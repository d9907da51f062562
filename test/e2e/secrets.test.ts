import { randomUUID } from 'node:crypto';
import proto from '@temporalio/proto';
import { expect, test } from 'vitest';

import type { MonitorHandle } from '../../src/client.js';
import { PolyAiClient } from '../../src/index.js';
import { useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';
import { WorkerProcess } from '../support/worker-process.js';

const { temporal } = proto;
const rig = useDevServerRig();

const PHONE_NUMBER = '+14155552671';

test('the token and the phone number stand in no history, memo, details, failure or output', async () => {
  const token = `secret-${randomUUID()}`;
  rig().simulator.setToken(token);
  const polyAi = new PolyAiClient({ baseUrl: rig().simulator.url, token });
  const { callSid } = await polyAi.triggerCall({ toNumber: PHONE_NUMBER });
  await polyAi.close();
  const leaking = { kind: 'status', status: 500, body: { error: `bad token ${token} for ${PHONE_NUMBER}` } } as const;
  const leakyReason = `no answer from ${PHONE_NUMBER}, token ${token}`;
  rig().simulator.addCall(callSid, {
    queuedMs: 200,
    callingMs: 300,
    faults: [leaking],
    outcome: 'failure',
    reason: leakyReason,
  });
  rig().simulator.addCall('OUT-leaky-failure', { faults: [{ ...leaking, status: 418 }] });

  const worker = new WorkerProcess({ ...rig().workerEnvironment(), POLYAI_AUTH_TOKEN: token });
  const monitor = await rig().start({ callSid, polling: { interval: 300 } });
  const { reason } = await monitor.result();
  const failing = await rig().start({ callSid: 'OUT-leaky-failure' });
  const failure: unknown = await failing.result().catch((error: unknown) => error);
  const kept = await Promise.all([monitor, failing].map(everythingKept));
  await worker.end('SIGTERM');
  const places = [...kept.flat(), inFull([reason, failure]), worker.output];

  expect(reason).toContain('no answer from [phone number], token [redacted]');
  for (const place of places) {
    expect(place).not.toContain(token);
    expect(place).not.toContain(PHONE_NUMBER.slice(1));
  }
  // The search does see what payloads hold.
  expect(kept[0]?.[0]).toContain('"rawStatus":"');
  expect(inFull(failure)).toContain('PolyAI answered 418');
});

/** Histories, description and current details of a monitor as text. Payloads are bytes in them, and JSON in these. */
async function everythingKept({ workflowId }: MonitorHandle): Promise<string[]> {
  const handle = rig().client.workflow.getHandle(workflowId);
  const { memo, raw } = await handle.describe();
  const runs = await fetchRuns(rig().client, workflowId);
  return [
    ...runs.map((run) => asText(temporal.api.history.v1.History.encode(run).finish())),
    asText(temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse.encode(raw).finish()),
    inFull([memo, await handle.query('progress'), await handle.query('__temporal_workflow_metadata')]),
  ];
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function inFull(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Error) return [...Object.entries(part), part.message, part.stack, part.cause];
    return part;
  });
}
