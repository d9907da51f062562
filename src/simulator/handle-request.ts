import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { Exchange } from './exchange.js';
import { handleStatusRequest } from './handle-status-request.js';
import { handleTriggerRequest } from './handle-trigger-request.js';
import type { OpenRecord } from './request-log.js';
import { routeOf } from './route.js';
import type { SimulatorState } from './simulator-state.js';

/** Records a request and answers it. */
export async function handleRequest(
  state: SimulatorState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const record = recordOf(request, state);
  state.log.add(record);
  const exchange = new Exchange(request, response, record);
  try {
    await dispatch(state, exchange, record);
  } catch {
    exchange.answerError(500, 'INTERNAL_ERROR', 'the simulator could not answer');
  }
}

async function dispatch(state: SimulatorState, exchange: Exchange, { method, path }: OpenRecord): Promise<void> {
  const route = routeOf(method, path);
  switch (route.kind) {
    case 'trigger':
      return handleTriggerRequest(state, exchange);
    case 'status':
      return handleStatusRequest(state, exchange, route.callSid);
    case 'wrong-method':
      return exchange.answerError(405, 'METHOD_NOT_ALLOWED', 'wrong method', { allow: route.allow });
    case 'unknown':
      return exchange.answerError(404, 'ROUTE_NOT_FOUND', 'no such path');
  }
}

function recordOf(request: IncomingMessage, { clock }: SimulatorState): OpenRecord {
  return {
    method: request.method ?? '',
    path: (request.url ?? '').replace(/\?.*$/, ''),
    at: Date.now(),
    simulatedAt: clock.now(),
    status: 'pending',
    correlationId: randomUUID(),
  };
}
