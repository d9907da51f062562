import { expect, test } from 'vitest';

import { errorKindOfHttpStatus } from '../../../src/polyai/errors.js';
import {
  answering,
  clientUnderTest,
  errorOf,
  everythingIn,
  simulatorAndClient,
  tinyServer,
} from './client-under-test.js';

const TABLE = [
  [400, 'InvalidCallSid', false],
  [401, 'Unauthorized', false],
  [403, 'Unauthorized', false],
  [404, 'CallNotFound', false],
  [408, 'PolyAiUnavailable', true],
  [429, 'RateLimited', true],
  [500, 'PolyAiUnavailable', true],
  [502, 'PolyAiUnavailable', true],
  [503, 'PolyAiUnavailable', true],
  [504, 'PolyAiUnavailable', true],
  [599, 'PolyAiUnavailable', true],
  [405, 'RequestRejected', false],
  [409, 'RequestRejected', false],
  [410, 'RequestRejected', false],
  [413, 'RequestRejected', false],
  [418, 'RequestRejected', false],
  [422, 'RequestRejected', false],
  [300, 'RequestRejected', false],
  [201, 'InvalidResponse', true],
  [202, 'InvalidResponse', true],
] as const;

test.each(TABLE)('the response %i is %s, retryable: %j, after one request', async (httpStatus, kind, retryable) => {
  const { simulator, client } = await simulatorAndClient();
  simulator.setFault({ kind: 'status', status: httpStatus });

  const error = await errorOf(client.getCallStatus('OUT-1'));

  expect(error).toMatchObject({ name: 'PolyAiError', kind, retryable, httpStatus });
  expect(error.message).toContain(String(httpStatus));
  expect(simulator.requestsFor('OUT-1')).toHaveLength(1);
});

test.each([
  [204, 'InvalidResponse', true],
  [304, 'RequestRejected', false],
])('a %i without a body is %s, retryable: %j', async (status, kind, retryable) => {
  const { url } = await tinyServer((_request, response) => response.writeHead(status).end());
  const error = await errorOf(clientUnderTest({ baseUrl: url, token: 't0ken' }).getCallStatus('OUT-1'));
  expect(error).toMatchObject({ kind, retryable, httpStatus: status });
});

test('every HTTP status but 200 has a kind: 5xx is an outage, any other 3xx and 4xx a rejection', () => {
  const special = new Map<number, string>(TABLE.map(([status, kind]) => [status, kind]));
  for (let status = 300; status < 600; status += 1) {
    const expected = special.get(status) ?? (status >= 500 ? 'PolyAiUnavailable' : 'RequestRejected');
    expect([status, errorKindOfHttpStatus(status)]).toEqual([status, expected]);
  }
});

test.each([301, 302, 303, 307, 308])('a %i is never followed, so the token is sent nowhere else', async (status) => {
  const target = await answering(200, '{"status":"success","reason":""}');
  const location = `${target.url}/v1/outbound-calling/OUT-1/status`;
  const origin = await answering(status, '{}', { location });
  const client = clientUnderTest({ baseUrl: origin.url, token: 't0ken' });

  const error = await errorOf(client.getCallStatus('OUT-1'));
  await errorOf(client.triggerCall({ toNumber: '+12025550123' }));

  expect(error).toMatchObject({ kind: 'RequestRejected', retryable: false, httpStatus: status });
  expect(origin.requests).toHaveLength(2);
  expect(target.connections()).toBe(0);
});

test('a redirect to another path of the same host is not followed either', async () => {
  const { simulator, client } = await simulatorAndClient();
  simulator.addCall('OUT-1', {
    faults: [{ kind: 'redirect', location: `${simulator.url}/v1/outbound-calling/OUT-2/status` }],
  });
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'RequestRejected', httpStatus: 307 });
  expect(simulator.requestsFor('OUT-2')).toHaveLength(0);
});

test.each(['queued', 'calling', 'success', 'failure', 'QUEUED', 'Ringing', 'in-progress'])(
  'the status %s of a 200 is returned as the API wrote it',
  async (status) => {
    const { simulator, client } = await simulatorAndClient();
    simulator.addCall('OUT-1', { faults: [{ kind: 'body', body: { status, reason: 'why', new_field: [1] } }] });
    expect(await client.getCallStatus('OUT-1')).toEqual({ status, reason: 'why' });
  },
);

test.each([{ status: 'queued' }, { status: 'queued', reason: null }, { status: 'queued', reason: '' }])(
  'the reason of %j is empty text',
  async (body) => {
    const { simulator, client } = await simulatorAndClient();
    simulator.addCall('OUT-1', { faults: [{ kind: 'body', body }] });
    expect(await client.getCallStatus('OUT-1')).toEqual({ status: 'queued', reason: '' });
  },
);

const TOKEN = 'tok-5f0c9a';
const CORRELATION_ID = 'x-polyai-correlation-id';

async function errorFor(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { url } = await answering(status, text, headers);
  return await errorOf(clientUnderTest({ baseUrl: url, token: TOKEN }).getCallStatus('OUT-1'));
}

test('an error names the API message and code of the published contract', async () => {
  const error = await errorFor(400, { error: 'Invalid call SID format', code: 'INVALID_CALL_SID' });
  expect(error.message).toContain('Invalid call SID format');
  expect(error).toMatchObject({ httpStatus: 400, errorCode: 'INVALID_CALL_SID' });
});

test('an error names the API message, code and ID of the newer versions', async () => {
  const body = { error_message: 'The token has expired', error_code: 'TOKEN_EXPIRED', error_id: 'e-77' };
  const error = await errorFor(401, body);
  expect(error.message).toContain('The token has expired');
  expect(error).toMatchObject({ errorCode: 'TOKEN_EXPIRED', correlationId: 'e-77' });
});

test.each(['<html>502</html>', '', '[]', 'null', '"text"', { error: { nested: true }, code: 7 }])(
  'an error body that is neither, %j, leaves the HTTP status as the message',
  async (body) => {
    const error = await errorFor(502, body);
    expect(error).toMatchObject({ kind: 'PolyAiUnavailable', message: 'PolyAI answered 502', errorCode: undefined });
  },
);

test('one field of the wrong type does not hide the others', async () => {
  const error = await errorFor(400, { error: 'bad', code: 12 });
  expect(error.message).toContain('bad');
});

test('an error carries the correlation ID of its response, the header’s before the body’s', async () => {
  const { simulator, client } = await simulatorAndClient();
  expect((await errorOf(client.getCallStatus('OUT-1'))).correlationId).toBe(simulator.requests[0]?.correlationId);
  const error = await errorFor(500, { error_id: 'from-body' }, { [CORRELATION_ID]: 'from-header' });
  expect(error.correlationId).toBe('from-header');
});

test('the error for an invalid 200 carries the correlation ID too', async () => {
  const error = await errorFor(200, '{"status":', { [CORRELATION_ID]: 'c-1' });
  expect(error).toMatchObject({ kind: 'InvalidResponse', correlationId: 'c-1' });
});

test.each([
  [401, { error: `token ${TOKEN} is wrong; ${TOKEN}`, code: TOKEN }],
  [500, { error_message: `no ${TOKEN}`, error_code: `E-${TOKEN}`, error_id: TOKEN }],
  [400, TOKEN],
  [200, { [TOKEN]: TOKEN, status: [TOKEN], reason: TOKEN }],
])('a %i that echoes the token leaves no trace of it in the error', async (status, body) => {
  const error = await errorFor(status, body, { [CORRELATION_ID]: `c-${TOKEN}`, 'retry-after': TOKEN });
  expect(everythingIn(error)).not.toContain(TOKEN);
  expect(error.correlationId).toBe('c-[redacted]');
});

test('a 200 that echoes the token leaves no trace of it in the status', async () => {
  const { url } = await answering(200, JSON.stringify({ status: `calling-${TOKEN}`, reason: `no ${TOKEN}` }));
  const status = await clientUnderTest({ baseUrl: url, token: TOKEN }).getCallStatus('OUT-1');
  expect(status).toEqual({ status: 'calling-[redacted]', reason: 'no [redacted]' });
});

test('a connection error holds no token in its message, stack, fields or causes', async () => {
  const { simulator, client } = await simulatorAndClient({ token: TOKEN });
  for (const kind of ['reset', 'cut-off', 'oversized'] as const) {
    simulator.setFault({ kind });
    expect(everythingIn(await errorOf(client.getCallStatus('OUT-1')))).not.toContain(TOKEN);
  }
});

test.each(['+14155552671', '+1 415 555 2671', '+44 (0)20-7946.0018'])(
  'the phone number %s in an answer stands in no error and no reason',
  async (number) => {
    const error = await errorFor(500, { error: `cannot dial ${number}` });
    expect(error.message).toBe('PolyAI answered 500: cannot dial [phone number]');
    const { url } = await answering(200, JSON.stringify({ status: 'failure', reason: `${number} is busy` }));
    const { reason } = await clientUnderTest({ baseUrl: url, token: TOKEN }).getCallStatus('OUT-1');
    expect(reason).toBe('[phone number] is busy');
  },
);

test('text of the API is cut to a length that a history can bear, after it was redacted', async () => {
  const error = await errorFor(500, { error: `${'x'.repeat(495)}${TOKEN}${'y'.repeat(5_000)}` });
  expect(error.message.length).toBeLessThan(600);
  expect(error.message).not.toContain(TOKEN.slice(0, 3));
});

const UNSAFE = /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u;

test('no control character and no half of a surrogate pair of an answer gets into an error', async () => {
  const nasty = 'a\ud83db\u001b[31mc\0d\u202ee';
  const body = { error: nasty, code: nasty, error_id: nasty };
  const error = await errorFor(500, body);
  for (const text of [error.message, error.errorCode, error.correlationId]) {
    expect(text).toContain('a�b�[31mc�d�e');
    expect(everythingIn(error)).not.toMatch(/\\ud83d/);
  }
  const { correlationId } = await errorFor(500, {}, { [CORRELATION_ID]: 'c-\u009b1' });
  expect(correlationId).toBe('c-�1');
});

test('no control character and no half of a surrogate pair of an answer gets into a status or a reason', async () => {
  const { url } = await answering(200, '{"status":"ring\\ud83d\\u001b[5m","reason":"\\u0000no\\nanswer\\udcde"}');
  const status = await clientUnderTest({ baseUrl: url, token: TOKEN }).getCallStatus('OUT-1');
  expect(status).toEqual({ status: 'ring��[5m', reason: '�no answer�' });
});

test('text that is cut ends with a whole character', async () => {
  const { message } = await errorFor(500, { error: '📞'.repeat(1_000) });
  expect(message).not.toMatch(UNSAFE);
  const shifted = await errorFor(500, { error: `x${'📞'.repeat(1_000)}` });
  expect(shifted.message).not.toMatch(UNSAFE);
});

const LARGE_PAGE = `<html>${'x'.repeat(200_000)}</html>`;

test.each([
  [401, 'Unauthorized'],
  [404, 'CallNotFound'],
  [418, 'RequestRejected'],
  [429, 'RateLimited'],
  [503, 'PolyAiUnavailable'],
])('a %i with a body over 64 KiB is %s, with its Retry-After and correlation ID', async (httpStatus, kind) => {
  const error = await errorFor(httpStatus, LARGE_PAGE, { 'retry-after': '9', [CORRELATION_ID]: 'c-1' });
  const expected = { kind, httpStatus, retryAfterMs: 9_000, correlationId: 'c-1' };
  expect(error).toMatchObject({ ...expected, message: `PolyAI answered ${httpStatus}` });
});

test('a 200 with a body over 64 KiB is InvalidResponse, with its Retry-After', async () => {
  const error = await errorFor(200, LARGE_PAGE, { 'retry-after': '9' });
  expect(error).toMatchObject({ kind: 'InvalidResponse', httpStatus: 200, retryAfterMs: 9_000 });
});
