import type { Exchange } from './exchange.js';
import type { SimulatorState } from './simulator-state.js';

const TOKEN_HEADER = 'x-polyai-auth-token';

/** Answers 401 to a request without the right token. Says whether it did. */
export function refuseToken({ token }: SimulatorState, exchange: Exchange): boolean {
  if (token.accepts(exchange.request.headers[TOKEN_HEADER])) return false;
  exchange.answerError(401, 'UNAUTHORIZED', 'the token is missing or wrong');
  return true;
}
