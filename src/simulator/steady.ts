import { randomUUID } from 'node:crypto';

import type { SimulatorState } from './state.js';

/** A call whose status requests get the same response for some time. */
export interface SteadyCall {
  /** Until when, by the simulator's clock, if nobody changes the simulator. */
  readonly untilMs: number;
  /** Whether nobody has changed the call, the token or the fault of all requests since. */
  isUnchanged(): boolean;
}

/** The call if its next status requests get the response that the last one got: a 200. */
export function findSteadyCall(state: SimulatorState, callSid: string): SteadyCall | undefined {
  const { calls, token, globalFault } = state;
  const untilMs = calls.steadyUntilMs(callSid);
  if (untilMs === undefined || !globalFault.isEmpty) return undefined;
  const call = calls.find(callSid);
  const { value } = token;
  return {
    untilMs,
    isUnchanged: () => calls.find(callSid) === call && state.globalFault === globalFault && token.accepts(value),
  };
}

/** Records a status request that was not sent, because nothing would have come of it. */
export function recordSteadyRequest({ log }: SimulatorState, callSid: string, simulatedAt: number): void {
  log.add({
    method: 'GET',
    path: `/v1/outbound-calling/${callSid}/status`,
    callSid,
    at: Date.now(),
    simulatedAt,
    status: 200,
    correlationId: randomUUID(),
  });
}
