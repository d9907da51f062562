import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { isCallSid } from '../contract/call.js';
import { Exchange } from './exchange.js';
import type { Fault, StatusFault } from './faults.js';
import type { OpenRecord } from './request-log.js';
import type { SimulatorState } from './state.js';
import { parseTriggerRequest } from './trigger-request.js';

/** Records a request and responds to it. */
export async function handleRequest(
  state: SimulatorState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await state.syncClock();
  const record: OpenRecord = {
    method: request.method ?? '',
    path: (request.url ?? '').replace(/\?.*$/, ''),
    at: Date.now(),
    simulatedAt: state.clock.now(),
    status: 'pending',
    correlationId: randomUUID(),
  };
  state.log.add(record);
  const exchange = new Exchange(request, response, record);
  try {
    await dispatch(state, exchange, record);
  } catch {
    exchange.respondError(500, 'INTERNAL_ERROR', 'the simulator could not answer');
  }
}

const TRIGGER_PATH = '/v1/outbound-calling';
const STATUS_PATH = /^\/v1\/outbound-calling\/([^/]+)\/status$/;

async function dispatch(state: SimulatorState, exchange: Exchange, record: OpenRecord): Promise<void> {
  const { method, path, simulatedAt } = record;
  const segment = STATUS_PATH.exec(path)?.[1];
  if (path !== TRIGGER_PATH && segment === undefined) {
    return exchange.respondError(404, 'ROUTE_NOT_FOUND', 'no such path');
  }
  const allow = segment === undefined ? 'POST' : 'GET';
  if (method !== allow) return exchange.respondError(405, 'METHOD_NOT_ALLOWED', 'wrong method', { allow });
  if (segment === undefined) return handleTriggerRequest(state, exchange);
  const callSid = decodeCallSid(segment);
  if (callSid !== undefined) state.calls.begin(callSid, simulatedAt);
  return handleStatusRequest(state, exchange, callSid);
}

/** The call SID in a path segment; `undefined` if it is malformed. */
function decodeCallSid(segment: string): string | undefined {
  try {
    const decoded = decodeURIComponent(segment);
    return isCallSid(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}

/** `GET …/{call_sid}/status`. The global fault comes before the token check, as an outage does; other faults come after it. */
async function handleStatusRequest(
  state: SimulatorState,
  exchange: Exchange,
  callSid: string | undefined,
): Promise<void> {
  if (callSid !== undefined) exchange.recordCall(callSid);
  const globalFault = state.globalFault.take();
  if (globalFault && (await injectFault(globalFault, exchange))) return;
  if (rejectToken(state, exchange)) return;
  if (callSid === undefined) return exchange.respondError(400, 'INVALID_CALL_SID', 'the call SID is malformed');
  const fault = state.calls.takeFault(callSid) ?? state.drawRandomFault();
  if (fault && (await injectFault(fault, exchange))) return;
  const status = state.calls.statusOf(callSid);
  if (status) exchange.respond(200, status);
  else exchange.respondError(404, 'CALL_NOT_FOUND', 'the call is unknown or has expired');
}

/** `POST /v1/outbound-calling`. */
async function handleTriggerRequest(state: SimulatorState, exchange: Exchange): Promise<void> {
  if (rejectToken(state, exchange)) return;
  const bodyText = await exchange.readBody();
  if (bodyText === undefined) return exchange.respondError(400, 'INVALID_REQUEST', 'the body is too large');
  const request = parseTriggerRequest(bodyText);
  if (request.kind === 'invalid') return exchange.respondError(400, 'INVALID_REQUEST', request.message);
  const faulty = state.triggerFault?.(request.toNumber);
  if (faulty?.dials === false && (await injectFault(faulty.fault, exchange))) return;
  const callSid = `OUT-${randomUUID()}`;
  const { toNumber, metadata } = request;
  state.ledger.push({ toNumber, callSid, metadata, dialledAt: Date.now() });
  state.calls.add(callSid, request.script ?? state.scriptFor(toNumber));
  exchange.recordCall(callSid);
  if (faulty?.dials && (await injectFault(faulty.fault, exchange))) return;
  exchange.respond(200, { call_sid: callSid });
}

/** Responds with 401 to a request without the right token, and returns whether it did. */
function rejectToken({ token }: SimulatorState, exchange: Exchange): boolean {
  if (token.accepts(exchange.token)) return false;
  exchange.respondError(401, 'UNAUTHORIZED', 'the token is missing or wrong');
  return true;
}

const OVERSIZED_BYTES = 8 * 1024 * 1024;
const STATUS_TEXT = JSON.stringify({ status: 'success', reason: '' });

/** Applies the fault to the request. Returns whether that was the response; if not, the usual one is still to come. */
async function injectFault(fault: Fault, exchange: Exchange): Promise<boolean> {
  switch (fault.kind) {
    case 'delay':
      await exchange.wait(fault.ms);
      return false;
    case 'hang':
      break;
    case 'status':
      respondWithStatus(fault, exchange);
      break;
    case 'reset':
      exchange.reset();
      break;
    case 'cut-off':
      exchange.respondHalf(STATUS_TEXT);
      break;
    case 'malformed':
      exchange.respondText(200, STATUS_TEXT.slice(0, -2));
      break;
    case 'body':
      exchange.respond(200, fault.body);
      break;
    case 'oversized':
      exchange.respondText(200, JSON.stringify({ status: 'queued', reason: 'x'.repeat(OVERSIZED_BYTES) }));
      break;
    case 'redirect':
      exchange.respondError(307, 'REDIRECT', 'simulated redirect', { location: fault.location });
  }
  return true;
}

function respondWithStatus({ status, retryAfter, body }: StatusFault, exchange: Exchange): void {
  const answer = body === undefined ? { error: 'simulated fault', code: `HTTP_${status}` } : body;
  exchange.respond(status, answer, retryAfter === undefined ? {} : { 'retry-after': retryAfterText(retryAfter) });
}

function retryAfterText(retryAfter: NonNullable<StatusFault['retryAfter']>): string {
  if (typeof retryAfter === 'number') return String(retryAfter);
  return new Date(Date.now() + retryAfter.httpDateInMs).toUTCString();
}
