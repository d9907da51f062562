import type { z } from 'zod';

import type { HttpResponse } from './http-transport.js';
import { errorKindOfHttpStatus, PolyAiError } from './polyai-error.js';
import { redact, type Secret } from './redact.js';
import { parseRetryAfterMs } from './retry-after.js';
import { errorBody } from './wire.js';

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
