import { expect, test } from 'vitest';

import { answering, clientUnderTest, errorOf, everythingIn, simulatorAndClient } from './client-under-test.js';

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

test('an error carries the correlation ID of its answer, the header before the body', async () => {
  const { simulator, client } = await simulatorAndClient();
  expect((await errorOf(client.getCallStatus('OUT-1'))).correlationId).toBe(simulator.requests[0]?.correlationId);
  const error = await errorFor(500, { error_id: 'from-body' }, { [CORRELATION_ID]: 'from-header' });
  expect(error.correlationId).toBe('from-header');
});

test('the error for a broken 200 carries the correlation ID as well', async () => {
  const error = await errorFor(200, '{"status":', { [CORRELATION_ID]: 'c-1' });
  expect(error).toMatchObject({ kind: 'InvalidResponse', correlationId: 'c-1' });
});

test.each([
  [401, { error: `token ${TOKEN} is wrong; ${TOKEN}`, code: TOKEN }],
  [500, { error_message: `no ${TOKEN}`, error_code: `E-${TOKEN}`, error_id: TOKEN }],
  [400, TOKEN],
  [200, { [TOKEN]: TOKEN, status: [TOKEN], reason: TOKEN }],
])('a %i that sends the token back leaves no trace of it in the error', async (status, body) => {
  const error = await errorFor(status, body, { [CORRELATION_ID]: `c-${TOKEN}`, 'retry-after': TOKEN });
  expect(everythingIn(error)).not.toContain(TOKEN);
  expect(error.correlationId).toBe('c-[redacted]');
});

test('a 200 that sends the token back leaves no trace of it in the status', async () => {
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
