import { Metadata, status } from '@grpc/grpc-js';
import type { Client } from '@temporalio/client';
import { expect, test } from 'vitest';

import { monitorService } from '../../../src/client/monitor-service.js';
import { NoWorkerWatch } from '../../../src/client/no-worker.js';

test('a monitor that starts while it is looked for is one that has not ended', async () => {
  const details = { code: status.NOT_FOUND, details: 'no such workflow', metadata: new Metadata() };
  const notFound = Object.assign(new Error('5 NOT_FOUND'), details);
  const client = {
    options: { namespace: 'default' },
    workflowService: { describeWorkflowExecution: () => Promise.reject(notFound) },
    // The second request, for the typed error, finds it.
    workflow: { getHandle: () => ({ describe: () => Promise.resolve({ runId: 'run-1' }) }) },
    withDeadline: (_: unknown, work: () => unknown) => work(),
    withAbortSignal: (_: unknown, work: () => unknown) => work(),
  } as unknown as Client;
  const service = monitorService(client, new NoWorkerWatch(client, {}));

  expect(await service.readSettlement('outbound-call-OUT-1', new AbortController().signal)).toBeUndefined();
});
