import type { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

import { checkVersioning } from '../../../src/cli/doctor/versioning.js';
import { checkWorkers } from '../../../src/cli/doctor/workers.js';
import { DEFAULT_TASK_QUEUE, PolyAiClient } from '../../../src/index.js';
import { createWorker } from '../../../src/worker/create-worker.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';

const deploymentName = 'polyai-calls';

const rig = useDevServerRig({ searchAttributes: false });
let polyAi: PolyAiClient;
const running: { readonly worker: Worker; readonly stopped: Promise<void> }[] = [];

beforeAll(() => {
  const { url: baseUrl, token } = rig().simulator;
  polyAi = new PolyAiClient({ baseUrl, token });
});
afterAll(async () => {
  for (const { worker, stopped } of running) {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await stopped;
  }
  await polyAi.close();
});

async function startVersion(buildId: string): Promise<(typeof running)[number]> {
  const worker = await createWorker({
    connection: rig().nativeConnection,
    namespace: rig().server.namespace,
    taskQueue: DEFAULT_TASK_QUEUE,
    polyAi,
    workflowBundlePath: inject('workflowBundlePath'),
    deployment: { deploymentName, buildId },
  });
  const version = { worker, stopped: worker.run() };
  running.push(version);
  return version;
}

/** As `temporal worker deployment set-current-version` does. */
async function setCurrentVersion(buildId: string): Promise<void> {
  const { client, server } = rig();
  // The server learns of a version from its worker's first poll.
  await eventually(`version ${buildId}`, () =>
    client.workflowService
      .setWorkerDeploymentCurrentVersion({ namespace: server.namespace, deploymentName, buildId, identity: 'test' })
      .then(() => true)
      .catch(() => undefined),
  );
}

/** What `doctor` has of the server. */
function access() {
  const { client, server } = rig();
  return { client, namespace: server.namespace };
}

async function versionOf(workflowId: string) {
  const { raw } = await rig().client.workflow.getHandle(workflowId).describe();
  const { behavior, deploymentVersion } = raw.workflowExecutionInfo?.versioningInfo ?? {};
  return { behavior, buildId: deploymentVersion?.buildId };
}

test('a rolling deployment takes over calls in flight, with all that was observed', async () => {
  const callSids = ['OUT-deploy-1', 'OUT-deploy-2', 'OUT-deploy-3'];
  const v1 = await startVersion('v1');
  const versioning = () => checkVersioning(access(), DEFAULT_TASK_QUEUE);
  await eventually('a worker without work', async () => ((await versioning()).state === 'failure' ? true : undefined));
  await setCurrentVersion('v1');
  await eventually('work for it', async () => ((await versioning()).state === 'ok' ? true : undefined));
  for (const callSid of callSids) rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });
  const monitors = await Promise.all(callSids.map((callSid) => rig().start({ callSid, polling: { interval: 500 } })));
  for (const callSid of callSids) {
    await eventually('its long poll', () => rig().simulator.requestsFor(callSid)[1]);
  }
  const workflowId = monitors[0]!.workflowId;
  expect(await versionOf(workflowId)).toMatchObject({ behavior: 2, buildId: 'v1' }); // AUTO_UPGRADE

  await startVersion('v2');
  await setCurrentVersion('v2');
  v1.worker.shutdown();
  await v1.stopped;
  for (const callSid of callSids) rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
  const results = await Promise.all(monitors.map((monitor) => monitor.result()));

  for (const [index, { status, polls }] of results.entries()) {
    const requests = rig().simulator.requestsFor(callSids[index]!).length;
    expect(status).toBe('success');
    // The shutdown aborts a request that is under way, which then does not count.
    expect([requests, requests - 1]).toContain(polls);
  }
  expect(await versionOf(workflowId)).toMatchObject({ behavior: 2, buildId: 'v2' });
  const workers = () => checkWorkers(access(), DEFAULT_TASK_QUEUE);
  const listed = await eventually('heartbeats', async () => ((await workers()).state === 'ok' ? workers() : undefined));
  expect(listed.found).toMatch(/^\d workers?: \d+@\S+ \(typescript \d+\.\d+\.\d+, for /);
});
