import type { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { expect, inject, test } from 'vitest';

import { createActivities } from '../../src/activities.js';
import { DEFAULT_TASK_QUEUE, PolyAiClient } from '../../src/index.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';
import { fetchRuns } from '../support/replay.js';

const SUGGEST_AFTER_EVENTS = 12;

const rig = useDevServerRig({
  extraArgs: ['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${SUGGEST_AFTER_EVENTS}`],
});

test('a cancellation that arrives just before continue-as-new is not lost', async () => {
  const callSid = 'OUT-cancelled-long';
  rig().simulator.addCall(callSid, { statuses: [{ status: 'calling', forMs: Infinity }] });
  const polyAi = new PolyAiClient({ baseUrl: rig().simulator.url, token: rig().simulator.token });
  const { getStatus } = createActivities({ polyAi });
  const secondPoll = createGate();
  const answer = createGate();
  let polls = 0;
  const activities = await Worker.create({
    ...workerOptions(),
    activities: {
      getStatus: async (input: { callSid: string }) => {
        polls += 1;
        if (polls === 2) {
          secondPoll.open();
          await answer.opened;
        }
        return await getStatus(input);
      },
    },
  });

  const end = await activities.runUntil(async () => {
    const monitor = await whileWorkflowsRun(async () => {
      const started = await rig().start({ callSid, polling: { interval: 250, hold: 0 } });
      await secondPoll.opened;
      return started;
    });
    answer.open();
    await eventually('the answer in the history', async () =>
      (await completions(monitor.workflowId)) === 2 ? true : undefined,
    );
    await monitor.cancel();
    return await whileWorkflowsRun(() => monitor.result().catch((error: unknown) => error));
  });
  await polyAi.close();

  expect((end as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
  const runs = await fetchRuns(rig().client, `outbound-call-${callSid}`);
  expect(runs).toHaveLength(1);
  expect(runs[0]?.events?.length).toBeGreaterThan(SUGGEST_AFTER_EVENTS);
});

/** `Promise.withResolvers` needs Node 22. */
function createGate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

function workerOptions() {
  return { connection: rig().nativeConnection, namespace: rig().server.namespace, taskQueue: DEFAULT_TASK_QUEUE };
}

async function whileWorkflowsRun<T>(work: () => Promise<T>): Promise<T> {
  const workflowBundle = { codePath: inject('workflowBundlePath') };
  return await (await Worker.create({ ...workerOptions(), workflowBundle })).runUntil(work);
}

async function completions(workflowId: string): Promise<number> {
  const { events } = await rig().client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter((event) => event.activityTaskCompletedEventAttributes).length;
}
