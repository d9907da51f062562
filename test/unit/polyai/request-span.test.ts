import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { recordSpans } from '../../support/recorded-spans.js';
import { answering, clientUnderTest, errorOf, simulatorAndClient, tinyServer } from './client-under-test.js';

const CALL_SID = 'OUT-traced';
const STATUS_SPAN = 'GET /v1/outbound-calling/{call_sid}/status';

test('a status request is a client span of the span that caused it, with the attributes of HTTP', async () => {
  const spans = recordSpans();
  const { simulator, client } = await simulatorAndClient();
  simulator.addCall(CALL_SID, { statuses: [{ status: 'success' }] });
  const caller = trace.getTracer('test').startSpan('poll');

  await context.with(trace.setSpan(context.active(), caller), () => client.getCallStatus(CALL_SID));

  const { port } = new URL(simulator.url);
  expect(spans.all()).toMatchObject([
    {
      name: STATUS_SPAN,
      kind: SpanKind.CLIENT,
      parentSpanId: caller.spanContext().spanId,
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'server.port': Number(port),
        'url.full': `${simulator.url}/v1/outbound-calling/${CALL_SID}/status`,
        'url.template': '/v1/outbound-calling/{call_sid}/status',
      },
    },
  ]);
});

test('neither the trace context nor baggage is sent to PolyAI', async () => {
  recordSpans();
  const server = await answering(200, '{"status":"queued"}');

  await clientUnderTest({ baseUrl: server.url, token: 'secret' }).getCallStatus(CALL_SID);

  const [request] = server.requests;
  expect(Object.keys(request!.headers)).not.toEqual(expect.arrayContaining([expect.stringMatching(/trace|baggage/)]));
});

test('a span says how a request failed, and contains neither the token nor a phone number', async () => {
  const spans = recordSpans();
  const token = 'token-that-nobody-may-see';
  const server = await tinyServer((request, response) => {
    const status = request.method === 'POST' ? 422 : 503;
    response.writeHead(status, { 'x-polyai-correlation-id': 'c-1' });
    response.end(JSON.stringify({ error: `no: ${token} +14155550100` }));
  });
  const client = clientUnderTest({ baseUrl: server.url, token });

  await errorOf(client.getCallStatus(CALL_SID));
  await errorOf(client.triggerCall({ toNumber: '+14155550100' }));

  expect(spans.all()).toMatchObject([
    {
      name: STATUS_SPAN,
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'http.response.status_code': 503, 'error.type': '503', 'polyai.correlation_id': 'c-1' },
    },
    { name: 'POST /v1/outbound-calling', attributes: { 'http.response.status_code': 422, 'error.type': '422' } },
  ]);
  const told = JSON.stringify(
    spans.all().map(({ name, attributes, status, events }) => [name, attributes, status, events]),
  );
  expect(told).not.toContain(token);
  expect(told).not.toContain('4155550100');
});

test('a request without a response has a span with the kind of the error, and an aborted one says so', async () => {
  const spans = recordSpans();
  const server = await tinyServer((request) => void request.socket.destroy());
  const silent = await tinyServer(() => undefined);

  await errorOf(clientUnderTest({ baseUrl: server.url, token: 't' }).getCallStatus(CALL_SID));
  const signal = AbortSignal.timeout(20);
  await clientUnderTest({ baseUrl: silent.url, token: 't' })
    .getCallStatus(CALL_SID, { signal })
    .catch(() => undefined);

  expect(spans.all()).toMatchObject([
    { status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'PolyAiUnavailable' } },
    { status: { code: SpanStatusCode.UNSET }, attributes: { 'error.type': 'aborted' } },
  ]);
  expect(spans.all().map(({ attributes }) => attributes)).not.toContainEqual(
    expect.objectContaining({ 'http.response.status_code': expect.anything() as unknown }),
  );
});

test('a request that is sent once more with a new token has a span of its own', async () => {
  const spans = recordSpans();
  const { simulator } = await simulatorAndClient();
  simulator.addCall(CALL_SID, { statuses: [{ status: 'success' }] });
  const tokens = ['old', simulator.token];
  const client = clientUnderTest({ baseUrl: simulator.url, token: () => tokens.shift() ?? simulator.token });

  await client.getCallStatus(CALL_SID);

  const [first, second] = spans.all().map(({ attributes }) => attributes);
  expect(first).toMatchObject({ 'http.response.status_code': 401 });
  expect(first).not.toHaveProperty('http.request.resend_count');
  expect(second).toMatchObject({ 'http.response.status_code': 200, 'http.request.resend_count': 1 });
});
