import { request } from 'undici';

import { formatDuration } from '../../contract/duration.js';
import { withTimeoutSignal } from '../../platform/abortable.js';
import { PolyAiClient, TOKEN_CHECK_CALL_SID } from '../../polyai/client.js';
import { PolyAiError } from '../../polyai/errors.js';
import type { PolyAiClientOptions } from '../../polyai/options.js';
import { failure, type Finding, firstLineOf, notChecked, ok, warning } from './report.js';

interface PolyAiAccess extends Pick<PolyAiClientOptions, 'baseUrl' | 'token' | 'requestTimeoutMs'> {
  /** Where the token comes from, for the remedy: a variable, or an account in a file. */
  readonly tokenSource: string;
}

/** Checks that the API can be reached and accepts the token, with one request for a call that does not exist. */
export async function checkPolyAi({ tokenSource, ...options }: PolyAiAccess, signal: AbortSignal): Promise<Finding> {
  const polyAi = new PolyAiClient(options);
  try {
    await polyAi.getCallStatus(TOKEN_CHECK_CALL_SID, { signal });
    return ok(`${options.baseUrl} accepts the token`);
  } catch (error) {
    if (!(error instanceof PolyAiError)) throw error;
    return findingOf(error, options.baseUrl, tokenSource);
  } finally {
    await polyAi.close();
  }
}

const SET_ENDPOINT = 'check POLYAI_REGION or POLYAI_BASE_URL';

function findingOf(error: PolyAiError, baseUrl: string, tokenSource: string): Finding {
  const { kind, message, errorCode, correlationId } = error;
  const answer = `${baseUrl}: ${message}`;
  switch (kind) {
    case 'CallNotFound':
      // Any web server answers 404, but not with the API's error body.
      if (errorCode ?? correlationId) return ok(`${baseUrl} accepts the token`);
      return warning(`${answer}, without the API's error code: it may be another server`, SET_ENDPOINT);
    case 'Unauthorized':
      return failure(
        `${baseUrl} rejects the token: ${message}`,
        `renew ${tokenSource}, or check that it belongs to this region`,
      );
    case 'RateLimited':
      return warning(
        `${answer}: whether it accepts the token is not known`,
        'lower POLYAI_MAX_REQUESTS_PER_SECOND on the workers of this account',
      );
    case 'InvalidCallSid':
      return warning(`${answer}: whether it accepts the token is not known`, SET_ENDPOINT);
    case 'PolyAiUnavailable':
      return failure(answer, `${SET_ENDPOINT}, and the network; an outage of the API needs no action here`);
    default:
      return failure(`${answer}: it is not PolyAI, or a proxy answers in its place`, SET_ENDPOINT);
  }
}

const CLOCK_TIMEOUT_MS = 5_000;

/** Compares this machine's clock with the `Date` header of any answer of the API. Sends no token. */
export async function checkApiClock(baseUrl: string, signal: AbortSignal): Promise<Finding> {
  try {
    return await withTimeoutSignal(CLOCK_TIMEOUT_MS, (wanted) => compareClocks(baseUrl, wanted), signal);
  } catch (error) {
    return notChecked(`${baseUrl} does not answer (${firstLineOf(error)})`);
  }
}

async function compareClocks(baseUrl: string, signal: AbortSignal): Promise<Finding> {
  const beforeMs = Date.now();
  const { headers, body } = await request(baseUrl, {
    method: 'HEAD',
    headers: { 'cache-control': 'no-cache' },
    signal,
    reset: true,
  });
  const afterMs = Date.now();
  await body.dump();
  const dateMs = Date.parse(String(headers['date']));
  if (Number.isNaN(dateMs)) return notChecked(`${baseUrl} answers without a date`);
  // The header has whole seconds. An answer from a cache has an age.
  const fromMs = dateMs + Number(headers['age'] ?? 0) * 1_000;
  return findingOfSkew(skewOf({ beforeMs, afterMs, fromMs, toMs: fromMs + 999 }));
}

/** A reading of another clock, between two readings of this machine's clock. Milliseconds since the epoch. */
interface ClockReading {
  readonly beforeMs: number;
  readonly afterMs: number;
  /** The earliest time that the other clock may have shown. */
  readonly fromMs: number;
  /** The latest time that the other clock may have shown. */
  readonly toMs: number;
}

/** How far this machine's clock is ahead of the other clock, at least. Negative when it is behind. */
export function skewOf({ beforeMs, afterMs, fromMs, toMs }: ClockReading): number {
  return Math.max(0, beforeMs - toMs) - Math.max(0, fromMs - afterMs);
}

const WARN_BEYOND_MS = 5_000;
const FAIL_BEYOND_MS = 60_000;

/** `outcomeSafeUntil` comes from the worker's clock, and the vendor's status retention from the API's. */
export function findingOfSkew(skewMs: number): Finding {
  const sizeMs = Math.abs(skewMs);
  if (sizeMs <= WARN_BEYOND_MS)
    return ok(`this machine's clock and the API's agree within ${formatDuration(WARN_BEYOND_MS)}`);
  const found = `this machine's clock is ${formatDuration(sizeMs)} ${skewMs > 0 ? 'ahead of' : 'behind'} the API's`;
  const remedy = "set this machine's clock, usually with NTP: timedatectl set-ntp true";
  return sizeMs > FAIL_BEYOND_MS ? failure(found, remedy) : warning(found, remedy);
}
