import { z } from 'zod';

import { isCallSid } from '../contract/call.js';
import { plainText } from '../platform/plain-text.js';
import { errorKindOfHttpStatus, PolyAiError } from './errors.js';
import type { HttpResponse } from './http.js';
import { redact, type Secret } from './redact.js';
import { parseHttpDate, parseRetryAfterMs } from './retry-after.js';

/** Body of a 200 to `GET …/{call_sid}/status`. Other fields are ignored. */
export const callStatusBody = z.object({
  status: z.string().transform(plainText).pipe(z.string().trim().min(1).max(64)),
  reason: z.string().nullish(),
});

/** Body of a 200 to `POST …/outbound-calling`. */
export const triggeredCallBody = z.object({ call_sid: z.string().refine(isCallSid) });

const optionalText = z.string().optional().catch(undefined);

/** Body of an error response: `{ error, code }`, or the field names of newer versions of the API. */
const errorBody = z
  .object({
    error: optionalText,
    code: optionalText,
    error_message: optionalText,
    error_code: optionalText,
    error_id: optionalText,
  })
  .transform((body) => ({
    message: body.error ?? body.error_message,
    code: body.code ?? body.error_code,
    correlationId: body.error_id,
  }));

/**
 * The body of a 200 that matches `schema`.
 *
 * @param secrets text that no error may contain: the API may echo what it was sent
 * @throws {PolyAiError} for any other response
 */
export function parseResponse<T>(response: HttpResponse, schema: z.ZodType<T>, secrets: readonly Secret[]): T {
  if (response.status !== 200) throw errorOf(response, secrets);
  if (response.isCut) throw invalidResponse('a body that is too long', response, secrets);
  const parsed = schema.safeParse(parseJson(response.body));
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'body').join(', ');
  throw invalidResponse(`a body that does not match the API's contract (${fields})`, response, secrets);
}

function invalidResponse(problem: string, response: HttpResponse, secrets: readonly Secret[]): PolyAiError {
  return new PolyAiError(`PolyAI answered 200 with ${problem}`, {
    kind: 'InvalidResponse',
    httpStatus: 200,
    ...metadataOf(response, secrets),
  });
}

function errorOf(response: HttpResponse, secrets: readonly Secret[]): PolyAiError {
  const { status } = response;
  const body = errorBody.safeParse(parseJson(response.body)).data;
  const message = body?.message === undefined ? '' : `: ${redact(body.message, secrets)}`;
  return new PolyAiError(`PolyAI answered ${status}${message}`, {
    kind: errorKindOfHttpStatus(status),
    httpStatus: status,
    errorCode: body?.code && redact(body.code, secrets),
    ...metadataOf(response, secrets, body?.correlationId),
  });
}

function metadataOf({ headers }: HttpResponse, secrets: readonly Secret[], correlationIdInBody?: string) {
  const header = headers['x-polyai-correlation-id'];
  const correlationId = (Array.isArray(header) ? header[0] : header) ?? correlationIdInBody;
  return {
    correlationId: correlationId && redact(correlationId, secrets),
    retryAfterMs: parseRetryAfterMs(headers['retry-after'], serverNowMs(headers)),
  };
}

/** By the clock of the server, if it says so: a `Retry-After` that is a date is of that clock. */
function serverNowMs({ date }: HttpResponse['headers']): number {
  const nowMs = Date.now();
  const serverMs = typeof date === 'string' ? parseHttpDate(date, nowMs) : NaN;
  return Number.isNaN(serverMs) ? nowMs : serverMs;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
