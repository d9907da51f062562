import { PolyAiClient, PROBE_CALL_SID } from '../../polyai/client.js';
import { PolyAiError } from '../../polyai/errors.js';
import type { PolyAiClientOptions } from '../../polyai/options.js';
import { failure, type Finding, ok, warning } from './report.js';

interface PolyAiAccess extends Pick<PolyAiClientOptions, 'baseUrl' | 'token' | 'requestTimeoutMs'> {
  /** Where the token comes from, for the remedy: a variable, or an account in a file. */
  readonly tokenSource: string;
}

/** Whether the API can be reached and takes the token: one request, for a call that does not exist. */
export async function checkPolyAi({ tokenSource, ...options }: PolyAiAccess, signal: AbortSignal): Promise<Finding> {
  const polyAi = new PolyAiClient(options);
  try {
    await polyAi.getCallStatus(PROBE_CALL_SID, { signal });
    return ok(`${options.baseUrl} accepts the token`);
  } catch (error) {
    if (!(error instanceof PolyAiError)) throw error;
    return judge(error, options.baseUrl, tokenSource);
  } finally {
    await polyAi.close();
  }
}

const SET_ENDPOINT = 'check POLYAI_REGION or POLYAI_BASE_URL';

function judge(error: PolyAiError, baseUrl: string, tokenSource: string): Finding {
  const { kind, message, errorCode, correlationId } = error;
  const said = `${baseUrl}: ${message}`;
  switch (kind) {
    case 'CallNotFound':
      // Any web server answers 404, but not with the API's own error.
      if (errorCode ?? correlationId) return ok(`${baseUrl} accepts the token`);
      return warning(`${said}, without the API's error code: it may be another server`, SET_ENDPOINT);
    case 'Unauthorized':
      return failure(
        `${baseUrl} refuses the token: ${message}`,
        `renew ${tokenSource}, or check that it is of this region`,
      );
    case 'RateLimited':
      return warning(
        `${said}: whether it takes the token is not known`,
        'lower POLYAI_MAX_REQUESTS_PER_SECOND on the workers of this account',
      );
    case 'InvalidCallSid':
      return warning(`${said}: whether it takes the token is not known`, SET_ENDPOINT);
    case 'PolyAiUnavailable':
      return failure(said, `${SET_ENDPOINT}, and the network; an outage of the API passes by itself`);
    default:
      return failure(`${said}: it is not PolyAI, or something stands before it`, SET_ENDPOINT);
  }
}
