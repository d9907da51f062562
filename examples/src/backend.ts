import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Client } from '@temporalio/client';
import { awaitCallOutcome, monitorFailureOf } from 'temporal-polyai/client';

const OUTCOME_PATH = /^\/calls\/(OUT-[\w-]{1,124})\/outcome$/;

export interface BackendOptions {
  /** The queue that the worker polls. */
  readonly taskQueue: string;
  /** How long a request waits for the call to end, in milliseconds: less than the proxies before this server allow. */
  readonly waitMs?: number;
}

/**
 * `GET /calls/<callSid>/outcome` starts the call's monitor, or joins the one that runs, and waits for the outcome. It answers
 * 200 with it, 202 when the call goes on ("ask again"), and 502 when the monitor cannot find out.
 */
export function createBackend(client: Client, options: BackendOptions): Server {
  return createServer((request, response) => {
    const callSid = request.method === 'GET' ? OUTCOME_PATH.exec(request.url ?? '')?.[1] : undefined;
    if (callSid === undefined) return respond(response, 404, { error: 'no such path' });
    respondWithOutcome(client, callSid, options, response).catch((error: unknown) => {
      console.error(error);
      respond(response, 500, { error: 'internal error' });
    });
  });
}

async function respondWithOutcome(
  client: Client,
  callSid: string,
  { taskQueue, waitMs = 25_000 }: BackendOptions,
  response: ServerResponse,
): Promise<void> {
  const signal = AbortSignal.timeout(waitMs);
  try {
    const { status, reason } = await awaitCallOutcome(client, { callSid }, { taskQueue, signal });
    respond(response, 200, { callSid, status, reason });
  } catch (error) {
    const failure = monitorFailureOf(error);
    if (failure) respond(response, 502, { callSid, error: failure.type });
    else if (signal.aborted) respond(response, 202, { callSid });
    else throw error;
  }
}

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
