import { Runtime, Worker } from '@temporalio/worker';
import { expect, inject, onTestFinished, test, vi } from 'vitest';

import { PolyAiClient, PolyAiPlugin } from '../../../src/plugin.js';
import { ignoreSpans } from '../../../src/worker/traced-bundle.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import type { ask } from '../../support/workflows/subscribers.js';

const rig = useDevServerRig();

test('a workflow that awaits a call on a task queue that no worker polls: its worker warns, and its history does not know', async () => {
  const { client, nativeConnection, server, simulator } = rig();
  const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
  onTestFinished(() => polyAi.close());
  const warn = vi.spyOn(Runtime.instance().logger, 'warn');
  onTestFinished(() => warn.mockRestore());
  const taskQueue = 'parents';
  const { namespace } = server;
  const plugins = [new PolyAiPlugin({ polyAi }), ignoreSpans];
  const workflowBundle = { codePath: inject('tracedBundlePath') };
  const worker = await Worker.create({ connection: nativeConnection, namespace, taskQueue, workflowBundle, plugins });

  await worker.runUntil(async () => {
    const args: Parameters<typeof ask> = [{ callSid: 'OUT-nobody-1' }, { taskQueue: 'nobody' }];
    const parent = await client.workflow.start<typeof ask>('ask', { taskQueue, workflowId: 'asks-nobody', args });
    const warnings = () => warn.mock.calls.filter(([message]) => message.includes('task queue "nobody"'));
    await eventually('a warning', () => warnings().length > 0 || undefined);

    expect(warnings()).toHaveLength(1);
    const { events } = await parent.fetchHistory();
    expect(events?.map(({ eventType }) => Number(eventType))).toEqual([
      // Started, a task, the child's start and its confirmation, a task.
      ...[1, 5, 6, 7, 29, 31],
      ...[5, 6, 7],
    ]);
    await client.workflow.getHandle('outbound-call-OUT-nobody-1').terminate();
    await parent.terminate();
  });
});
