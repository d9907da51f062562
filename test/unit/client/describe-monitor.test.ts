import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { expect, test } from 'vitest';

import { getMonitor } from '../../../src/client.js';

const EARLIER = { status: 'success', reason: '', polls: 3 };

/** A server whose latest run has completed, and is followed by another one as soon as it has been described. */
function clientOfRestartedMonitor(): Client {
  const description = {
    workflowId: 'outbound-call-OUT-1',
    runId: 'earlier',
    status: { name: 'COMPLETED' },
    taskQueue: 'calls',
    startTime: new Date(),
    typedSearchAttributes: new TypedSearchAttributes(),
    raw: {},
  };
  const getHandle = (_workflowId: string, runId?: string) => ({
    describe: () => Promise.resolve(description),
    result: () =>
      runId === 'earlier' ? Promise.resolve(EARLIER) : Promise.reject(new Error('waits for the later run')),
  });
  return { workflow: { getHandle } } as unknown as Client;
}

test('the description of a completed monitor has the result of that run, and does not wait for a later one', async () => {
  const monitor = getMonitor(clientOfRestartedMonitor(), 'OUT-1');
  expect(await monitor.describe({ workerTimeoutMs: 0 })).toMatchObject({ state: 'COMPLETED', polls: 3 });
});
