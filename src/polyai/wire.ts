import { z } from 'zod';

import { isCallSid } from '../contract/call.js';
import { errorKindOfHttpStatus, PolyAiError } from './errors.js';
import type { HttpResponse } from './http.js';
import { redact, type Secret } from './redact.js';

/** Body of a 200 to `GET …/{call_sid}/status`. Fields that are not listed are ignored. */
export const callStatusBody = z.object({
  status: z.string().trim().min(1).max(64),
  reason: z.string().nullish(),
});

/** Body of a 200 to `POST …/outbound-calling`. */
export const triggeredCallBody = z.object({ call_sid: z.string().refine(isCallSid) });

const text = z.string().optional().catch(undefined);

/** Body of an error answer: `{ error, code }`, or the field names that newer versions of the API use. */
const errorBody = z
  .object({ error: text, code: text, error_message: text, error_code: text, error_id: text })
  .transform((body) => ({
    message: body.error ?? body.error_message,
    code: body.code ?? body.error_code,
    correlationId: body.error_id,
  }));

/**
 * The body of a 200 that matches `schema`.
 *
 * @param secrets text that no error may hold, for the API may send back what it was sent
 * @throws {PolyAiError} for any other answer
 */
export function parseAnswer<T>(response: HttpResponse, schema: z.ZodType<T>, secrets: readonly Secret[]): T {
  if (response.status !== 200) throw refusal(response, secrets);
  const parsed = schema.safeParse(parseJson(response.body));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'body').join(', ');
  throw new PolyAiError(`PolyAI answered 200 with a body that is not the contract's (${where})`, {
    kind: 'InvalidResponse',
    httpStatus: 200,
    ...receipt(response, secrets),
  });
}

function refusal(response: HttpResponse, secrets: readonly Secret[]): PolyAiError {
  const { status } = response;
  const said = errorBody.safeParse(parseJson(response.body)).data;
  const message = said?.message === undefined ? '' : `: ${redact(said.message, secrets)}`;
  return new PolyAiError(`PolyAI answered ${status}${message}`, {
    kind: errorKindOfHttpStatus(status),
    httpStatus: status,
    errorCode: said?.code && redact(said.code, secrets),
    ...receipt(response, secrets, said?.correlationId),
  });
}

function receipt({ headers }: HttpResponse, secrets: readonly Secret[], correlationIdInBody?: string) {
  const header = headers['x-polyai-correlation-id'];
  const correlationId = (Array.isArray(header) ? header[0] : header) ?? correlationIdInBody;
  return {
    correlationId: correlationId && redact(correlationId, secrets),
    retryAfterMs: parseRetryAfterMs(headers['retry-after'], Date.now()),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const HTTP_DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Milliseconds that a `Retry-After` header asks to wait; `undefined` for a missing or malformed one.
 * Both forms of RFC 9110, section 10.2.3: seconds, or an HTTP-date. A date that has passed gives 0.
 */
export function parseRetryAfterMs(header: string | string[] | undefined, nowMs: number): number | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.trim();
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const dateMs = HTTP_DATE.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
