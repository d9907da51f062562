import { classifyCallStatus } from '../contract/call.js';
import type { CallObservation } from '../contract/observation.js';
import type { PolyAiClient, RequestOptions } from '../polyai/client.js';

/** Where observations come from, and what dates them. */
export interface ObservationSource {
  readonly polyAi: Pick<PolyAiClient, 'getCallStatus'>;
  /** The clock, in epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Asks the API once.
 *
 * @throws {PolyAiError} for anything but a call status
 */
export async function observeCall(
  { polyAi, now }: ObservationSource,
  callSid: string,
  options: RequestOptions,
): Promise<CallObservation> {
  const { status: rawStatus, reason } = await polyAi.getCallStatus(callSid, options);
  const { status } = classifyCallStatus(rawStatus);
  return { status, rawStatus, reason, observedAt: new Date(now()).toISOString() };
}
