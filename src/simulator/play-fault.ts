import type { Exchange } from './exchange.js';
import type { Fault, StatusFault } from './faults.js';

const OVERSIZED_BYTES = 8 * 1024 * 1024;
const WHOLE_TEXT = JSON.stringify({ status: 'success', reason: '' });

/** Does to a request what the fault says. `carry-on`: the usual answer is still to be given. */
export async function playFault(fault: Fault, exchange: Exchange): Promise<'carry-on' | 'done'> {
  if (fault.kind === 'delay') {
    await exchange.pause(fault.ms);
    return 'carry-on';
  }
  spoilAnswer(fault, exchange);
  return 'done';
}

function spoilAnswer(fault: Exclude<Fault, { kind: 'delay' }>, exchange: Exchange): void {
  switch (fault.kind) {
    case 'status':
      return answerStatus(fault, exchange);
    case 'hang':
      return;
    case 'reset':
      return exchange.reset();
    case 'cut-off':
      return exchange.answerHalf(WHOLE_TEXT);
    case 'malformed':
      return exchange.answerText(200, WHOLE_TEXT.slice(0, -2));
    case 'body':
      return exchange.answer(200, fault.body);
    case 'oversized':
      return exchange.answerText(200, JSON.stringify({ status: 'queued', reason: 'x'.repeat(OVERSIZED_BYTES) }));
    case 'redirect':
      return exchange.answerError(307, 'REDIRECT', 'simulated redirect', { location: fault.location });
  }
}

function answerStatus({ status, retryAfter, body }: StatusFault, exchange: Exchange): void {
  const answer = body === undefined ? { error: 'simulated fault', code: `HTTP_${status}` } : body;
  exchange.answer(status, answer, retryAfter === undefined ? {} : { 'retry-after': retryAfterText(retryAfter) });
}

function retryAfterText(retryAfter: NonNullable<StatusFault['retryAfter']>): string {
  if (typeof retryAfter === 'number') return String(retryAfter);
  return new Date(Date.now() + retryAfter.httpDateInMs).toUTCString();
}
