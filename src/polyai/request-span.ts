import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

import { PolyAiError } from './errors.js';

interface TracedRequest {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** The path with the names of its parameters instead of their values, so that a span's name is one of few. */
  readonly template: string;
  /** Whether the request is sent once more, with a new token. */
  readonly isResent: boolean;
}

/**
 * Sends a request, in a client span of OpenTelemetry if the process records spans. Its attributes are those of OpenTelemetry's
 * semantic conventions for HTTP. The span holds neither headers nor bodies, which contain the token and phone numbers.
 *
 * The trace context is not sent: PolyAI is another company, whose spans do not reach us, and baggage may be personal data.
 */
export async function traceRequest<T>(request: TracedRequest, send: () => Promise<T>): Promise<T> {
  const { method, template } = request;
  const tracer = trace.getTracer('temporal-polyai');
  const span = tracer.startSpan(`${method} ${template}`, { kind: SpanKind.CLIENT });
  if (!span.isRecording()) return await send();
  span.setAttributes(attributesOf(request));
  try {
    const result = await context.with(trace.setSpan(context.active(), span), send);
    span.setAttribute('http.response.status_code', 200);
    return result;
  } catch (error) {
    recordError(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function attributesOf({ method, origin, path, template, isResent }: TracedRequest): Attributes {
  const { protocol, hostname, port } = new URL(origin);
  return {
    'http.request.method': method,
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    'url.full': `${origin}${path}`,
    'url.template': template,
    ...(isResent && { 'http.request.resend_count': 1 }),
  };
}

function recordError(span: Span, error: unknown): void {
  if (!(error instanceof PolyAiError)) {
    // Aborted by the caller's signal, or refused by `beforeWrite`.
    span.setAttribute('error.type', 'aborted');
    return;
  }
  const { httpStatus, kind, message, correlationId } = error;
  span.setAttributes({
    'error.type': httpStatus === undefined || httpStatus < 300 ? kind : String(httpStatus),
    ...(httpStatus !== undefined && { 'http.response.status_code': httpStatus }),
    ...(correlationId !== undefined && { 'polyai.correlation_id': correlationId }),
  });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
