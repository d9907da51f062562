import type { Exchange } from './exchange.js';
import { playFault } from './play-fault.js';
import { refuseToken } from './refuse-token.js';
import type { SimulatorState } from './simulator-state.js';

/** `GET …/{call_sid}/status`. The global fault stands before the token check, as an outage does; other faults behind it. */
export async function handleStatusRequest(
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
