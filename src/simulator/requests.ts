import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { isCallSid } from '../contract/call.js';
import { Exchange, readBody, refuseToken } from './exchange.js';
import { playFault } from './play-fault.js';
import type { OpenRecord, SimulatorState } from './state.js';
import { parseTriggerRequest } from './trigger-request.js';

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

/** What a request asks for. `callSid` is absent when the path holds something that cannot be one. */
type Route =
  | { readonly kind: 'trigger' }
  | { readonly kind: 'status'; readonly callSid: string | undefined }
  | { readonly kind: 'wrong-method'; readonly allow: string }
  | { readonly kind: 'unknown' };

const TRIGGER_PATH = '/v1/outbound-calling';
const STATUS_PATH = /^\/v1\/outbound-calling\/([^/]+)\/status$/;

function routeOf(method: string, path: string): Route {
  if (path === TRIGGER_PATH) return method === 'POST' ? { kind: 'trigger' } : { kind: 'wrong-method', allow: 'POST' };
  const segment = STATUS_PATH.exec(path)?.[1];
  if (segment === undefined) return { kind: 'unknown' };
  if (method !== 'GET') return { kind: 'wrong-method', allow: 'GET' };
  return { kind: 'status', callSid: decodeCallSid(segment) };
}

function decodeCallSid(segment: string): string | undefined {
  try {
    const decoded = decodeURIComponent(segment);
    return isCallSid(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}

/** `GET …/{call_sid}/status`. The global fault stands before the token check, as an outage does; other faults behind it. */
async function handleStatusRequest(
  state: SimulatorState,
  exchange: Exchange,
  callSid: string | undefined,
): Promise<void> {
  if (callSid !== undefined) exchange.concerns(callSid);
  const globalFault = state.globalFault.take();
  if (globalFault && (await playFault(globalFault, exchange)) === 'done') return;
  if (refuseToken(state, exchange)) return;
  if (callSid === undefined) return exchange.answerError(400, 'INVALID_CALL_SID', 'the call SID is malformed');
  const fault = state.calls.takeFault(callSid) ?? state.drawRandomFault();
  if (fault && (await playFault(fault, exchange)) === 'done') return;
  answerStatus(state, exchange, callSid);
}

function answerStatus({ calls }: SimulatorState, exchange: Exchange, callSid: string): void {
  const status = calls.statusOf(callSid);
  if (status) exchange.answer(200, status);
  else exchange.answerError(404, 'CALL_NOT_FOUND', 'the call is unknown or has expired');
}

/** `POST /v1/outbound-calling`. */
async function handleTriggerRequest(state: SimulatorState, exchange: Exchange): Promise<void> {
  if (refuseToken(state, exchange)) return;
  const bodyText = await readBody(exchange.request);
  if (bodyText === undefined) return exchange.answerError(400, 'INVALID_REQUEST', 'the body is too large');
  const request = parseTriggerRequest(bodyText);
  if (request.kind === 'refused') return exchange.answerError(400, 'INVALID_REQUEST', request.message);
  const callSid = `OUT-${randomUUID()}`;
  state.calls.add(callSid, request.script ?? state.scriptFor(request.toNumber));
  exchange.concerns(callSid);
  exchange.answer(200, { call_sid: callSid });
}
