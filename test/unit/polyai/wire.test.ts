import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseRetryAfterMs } from '../../../src/polyai/wire.js';
import { answering, clientUnderTest, errorOf, simulatorAndClient } from './client-under-test.js';

const NOW = Date.UTC(2026, 0, 15, 12);

test.each([
  ['0', 0],
  ['7', 7_000],
  [' 120 ', 120_000],
  ['86400', 86_400_000],
  ['Thu, 15 Jan 2026 12:00:30 GMT', 30_000],
  ['Thu, 15 Jan 2026 11:59:00 GMT', 0],
])('the Retry-After %j is %d ms', (header, expected) => {
  expect(parseRetryAfterMs(header, NOW)).toBe(expected);
});

test.each([
  undefined,
  '',
  'soon',
  '-5',
  '+5',
  '1.5',
  '5s',
  '0x10',
  '1e3',
  'Infinity',
  '2026-01-15T12:00:30Z',
  'Thu, 15 Jan 2026 12:00:30',
  'Thu, 15 Jan 2026 12:00:30 CET',
  'Thu, 45 Jan 2026 12:00:30 GMT',
  'Thu, 15 Jan 2026 25:00:30 GMT',
])('the Retry-After %j is ignored', (header) => {
  expect(parseRetryAfterMs(header, NOW)).toBeUndefined();
});

test('the first of several Retry-After headers counts', () => {
  expect(parseRetryAfterMs(['3', '900'], NOW)).toBe(3_000);
});

test('no Retry-After is a negative wait or NaN', () => {
  const dates = fc.date({ noInvalidDate: true }).map((date) => date.toUTCString());
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.nat().map(String), dates), (header) => {
      const ms = parseRetryAfterMs(header, NOW);
      if (ms !== undefined) expect(ms).toBeGreaterThanOrEqual(0);
    }),
  );
});

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
