import { randomUUID } from 'node:crypto';

import type { Exchange } from './exchange.js';
import { readBody } from './read-body.js';
import { refuseToken } from './refuse-token.js';
import type { SimulatorState } from './simulator-state.js';
import { parseTriggerRequest } from './trigger-request.js';

/** `POST /v1/outbound-calling`. */
export async function handleTriggerRequest(state: SimulatorState, exchange: Exchange): Promise<void> {
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
