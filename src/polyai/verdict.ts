import type { Verdict } from './answer-window.js';
import type { PolyAiError } from './polyai-error.js';

/** What an error says of the API as a whole. One that blames the request comes from an API that works. */
export function verdictOn({ kind }: PolyAiError): Verdict {
  switch (kind) {
    case 'RateLimited':
      return 'limited';
    case 'PolyAiUnavailable':
    case 'InvalidResponse':
      return 'failed';
    default:
      return 'up';
  }
}
