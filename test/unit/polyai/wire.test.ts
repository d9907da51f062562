import { expect, test } from 'vitest';

import { answering, clientUnderTest, errorOf, simulatorAndClient } from './client-under-test.js';

test.each([429, 503, 500, 408])('the error for a %i carries Retry-After in seconds', async (status) => {
  const { simulator, client } = await simulatorAndClient();
  simulator.setFault({ kind: 'status', status, retryAfter: 42 });
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ retryAfterMs: 42_000 });
});

test('the error carries Retry-After as an HTTP-date, relative to the arrival of the response', async () => {
  const { simulator, client } = await simulatorAndClient();
  simulator.setFault({ kind: 'status', status: 503, retryAfter: { httpDateInMs: 60_000 } });
  const { retryAfterMs } = await errorOf(client.getCallStatus('OUT-1'));
  expect(retryAfterMs).toBeGreaterThan(57_000);
  expect(retryAfterMs).toBeLessThanOrEqual(60_000);
});

test('an HTTP-date is of the clock of the server that sent it', async () => {
  const date = 'Tue, 01 Jan 2030 12:00:00 GMT';
  const { url } = await answering(503, '{}', { date, 'retry-after': 'Tue, 01 Jan 2030 12:00:07 GMT' });
  const error = await errorOf(clientUnderTest({ baseUrl: url, token: 't0ken' }).getCallStatus('OUT-1'));
  expect(error.retryAfterMs).toBe(7_000);
});

test('the error for an invalid 200 carries Retry-After too, because it is retryable', async () => {
  const { url } = await answering(200, 'sorry', { 'retry-after': '9' });
  const error = await errorOf(clientUnderTest({ baseUrl: url, token: 't0ken' }).getCallStatus('OUT-1'));
  expect(error).toMatchObject({ kind: 'InvalidResponse', retryAfterMs: 9_000 });
});

test('a missing or malformed Retry-After is absent from the error', async () => {
  for (const headers of [{}, { 'retry-after': 'later' }] as Record<string, string>[]) {
    const { url } = await answering(503, '{}', headers);
    const error = await errorOf(clientUnderTest({ baseUrl: url, token: 't0ken' }).getCallStatus('OUT-1'));
    expect(error.retryAfterMs).toBeUndefined();
  }
});
