import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';

import { PolyAiClient } from '../../src/index.js';
import { useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';
import { WorkerProcess } from '../support/worker-process.js';

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
  const progress = await monitor.progress();
  const places = [
    reason,
    failure,
    progress,
    ...(await everythingKept(monitor.workflowId)),
    ...(await everythingKept(failing.workflowId)),
  ];
  await worker.end('SIGTERM');

  expect(reason).toContain('no answer from [phone number], token [redacted]');
  for (const place of [...places.map(inFull), worker.output]) {
    expect(place).not.toContain(token);
    expect(place).not.toContain(PHONE_NUMBER);
    expect(place).not.toContain(Buffer.from(token).toString('base64').slice(0, 40));
  }
  expect(places.map(inFull).join()).toContain(callSid);
});

/** Payloads are bytes: shown as text, so that a search finds what is in them. */
function inFull(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) return Buffer.from(part).toString('utf8');
    if (part instanceof Error) return [...Object.entries(part), part.message, part.stack, part.cause];
    if (isSerializedBuffer(part)) return Buffer.from(part.data).toString('utf8');
    return part;
  });
}

function isSerializedBuffer(part: unknown): part is { data: number[] } {
  return typeof part === 'object' && part !== null && 'type' in part && part.type === 'Buffer';
}

async function everythingKept(workflowId: string): Promise<unknown[]> {
  const handle = rig().client.workflow.getHandle(workflowId);
  const { memo, raw } = await handle.describe();
  return [
    ...(await fetchRuns(rig().client, workflowId)),
    memo,
    raw,
    await handle.query('__temporal_workflow_metadata'),
  ];
}
