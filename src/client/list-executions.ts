import type { Client } from '@temporalio/client';

import { PayloadReader } from '../platform/payloads.js';

/** A workflow execution as Temporal lists it. */
export type Execution = Awaited<ReturnType<Client['workflowService']['listWorkflowExecutions']>>['executions'][number];

const PAGE_SIZE = 200;

/**
 * Lists executions, the latest first. Uses the gRPC service: the SDK's list decodes the memo, and fails where a payload codec is
 * missing.
 */
export async function* listExecutions(
  client: Client,
  query: string,
  limit = Infinity,
): AsyncGenerator<Execution, void> {
  const { namespace } = client.options;
  let nextPageToken: Uint8Array = new Uint8Array();
  let remaining = limit;
  do {
    const pageSize = Math.min(PAGE_SIZE, remaining);
    const page = await client.workflowService.listWorkflowExecutions({ namespace, query, pageSize, nextPageToken });
    yield* page.executions;
    remaining -= page.executions.length;
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0 && remaining > 0);
}

/** A text in an execution's memo; `undefined` also where it cannot be decoded. */
export async function memoOf(
  client: Client,
  { memo, execution }: Execution,
  name: string,
): Promise<string | undefined> {
  const value = await new PayloadReader(client).ofWorkflow(execution?.workflowId ?? '', memo?.fields?.[name]);
  return typeof value === 'string' ? value : undefined;
}
