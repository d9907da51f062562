import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

import { isCallSid } from '../../../src/contract/call.js';
import {
  answering,
  clientUnderTest,
  errorOf,
  everythingIn,
  simulatorAndClient,
  tinyServer,
} from './client-under-test.js';

const NUMBER = '+14155552671';
const ACCEPTED = '{"call_sid":"OUT-1"}';

async function bodySentFor(call: Parameters<ReturnType<typeof clientUnderTest>['triggerCall']>[0]): Promise<unknown> {
  let body: unknown;
  const server = await tinyServer((request, response) => {
    void text(request).then((sent) => {
      body = JSON.parse(sent);
      response.end(ACCEPTED);
    });
  });
  await clientUnderTest({ baseUrl: server.url, token: 't0ken' }).triggerCall(call);
  expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/v1/outbound-calling' });
  expect(server.requests[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'x-polyai-auth-token': 't0ken',
  });
  return body;
}

test('a trigger with only a number posts only the number', async () => {
  expect(await bodySentFor({ toNumber: NUMBER })).toEqual({ to_number: NUMBER });
});

test('a trigger posts every field under its wire name', async () => {
  const call = {
    toNumber: '415 555 2671',
    countryCode: 'US',
    metadata: { name: 'Zoë' },
    encryption: 'TLS/SRTP',
  } as const;
  expect(await bodySentFor(call)).toEqual({
    to_number: '415 555 2671',
    country_code: 'US',
    metadata: { name: 'Zoë' },
    encryption: 'TLS/SRTP',
  });
});

test('a trigger returns the call SID, whose status can be requested', async () => {
  const { client } = await simulatorAndClient();
  const { callSid } = await client.triggerCall({ toNumber: NUMBER });
  expect(isCallSid(callSid)).toBe(true);
  expect(await client.getCallStatus(callSid)).toEqual({ status: 'queued', reason: '' });
});

test.each([
  [400, 'RequestRejected', false],
  [401, 'Unauthorized', false],
  [403, 'Unauthorized', false],
  [404, 'RequestRejected', false],
  [408, 'PolyAiUnavailable', false],
  [422, 'RequestRejected', false],
  [429, 'RateLimited', true],
  [500, 'PolyAiUnavailable', false],
  [502, 'PolyAiUnavailable', false],
  [307, 'RequestRejected', false],
])('a trigger answered with %i is %s, retryable: %j, and posted once', async (status, kind, retryable) => {
  const server = await answering(status, '{"error":"no","code":"NO"}', { 'retry-after': '5' });
  const error = await errorOf(
    clientUnderTest({ baseUrl: server.url, token: 't0ken' }).triggerCall({ toNumber: NUMBER }),
  );
  expect(error).toMatchObject({ kind, retryable, httpStatus: status, errorCode: 'NO', retryAfterMs: 5_000 });
  expect(server.requests).toHaveLength(1);
});

test.each(['{}', '{"call_sid":""}', '{"call_sid":"CA-1"}', '{"call_sid":7}', 'sorry'])(
  'a 200 with the body %j is InvalidResponse and not retryable, because the API may have dialled',
  async (body) => {
    const { url } = await answering(200, body);
    const error = await errorOf(clientUnderTest({ baseUrl: url, token: 't0ken' }).triggerCall({ toNumber: NUMBER }));
    expect(error).toMatchObject({ kind: 'InvalidResponse', retryable: false });
  },
);

test('a trigger that times out or whose connection breaks is not retryable and not posted again', async () => {
  for (const answer of ['hang', 'reset'] as const) {
    const server = await tinyServer((request) => {
      if (answer === 'reset') request.socket.resetAndDestroy();
    });
    const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', requestTimeoutMs: 300 });
    const error = await errorOf(client.triggerCall({ toNumber: NUMBER }));
    expect(error).toMatchObject({ kind: 'PolyAiUnavailable', retryable: false, notSent: false });
    expect(server.requests).toHaveLength(1);
  }
});

test('aborting a trigger rejects with the reason of the signal', { timeout: 3_000 }, async () => {
  const server = await tinyServer(() => undefined);
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', requestTimeoutMs: 60_000 });
  const controller = new AbortController();
  const asking = client.triggerCall({ toNumber: NUMBER }, { signal: controller.signal });
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 50);
  await expect(asking).rejects.toBe(reason);
});

test.each([
  ['as it was sent', NUMBER, NUMBER],
  ['in national form', '(415) 555-2671', '(415) 555-2671'],
  ['in E.164 form', '(415) 555-2671', NUMBER],
  ['without its plus sign', NUMBER, '14155552671'],
  ['in digits alone', '(415) 555-2671', '4155552671'],
  ['in another grouping', NUMBER, '1-415-555-2671'],
])('a number that the API echoes %s is in no part of the error', async (_how, toNumber, echoed) => {
  const body = JSON.stringify({ error: `cannot dial ${echoed}, sorry`, code: `BAD_${echoed}` });
  const { url } = await answering(400, body);
  const error = await errorOf(
    clientUnderTest({ baseUrl: url, token: 't0ken' }).triggerCall({ toNumber, countryCode: 'US' }),
  );
  const shown = everythingIn(error);
  expect(shown).not.toContain(echoed);
  expect(shown.replace(/\D/g, '')).not.toContain('4155552671');
  expect(error.message).toMatch(/cannot dial .*, sorry/);
});

test('a trigger that had no connection was not sent, and may be repeated', async () => {
  const gone = await answering(200, ACCEPTED);
  gone.close();
  const client = clientUnderTest({ baseUrl: gone.url, token: 't0ken' });
  const error = await errorOf(client.triggerCall({ toNumber: NUMBER }));
  expect(error).toMatchObject({ kind: 'PolyAiUnavailable', notSent: true, retryable: true });
});

test.each<[string, () => string, object]>([
  ['could not be read', () => throwing(), { kind: 'PolyAiUnavailable', notSent: true, retryable: true }],
  ['no header can carry', () => '', { kind: 'Unauthorized', notSent: true, retryable: false }],
])('a trigger whose token %s was not sent', async (_what, token, expected) => {
  const server = await answering(200, ACCEPTED);
  const client = clientUnderTest({ baseUrl: server.url, token });
  expect(await errorOf(client.triggerCall({ toNumber: NUMBER }))).toMatchObject(expected);
  expect(server.requests).toEqual([]);
});

function throwing(): never {
  throw new Error('the vault is sealed');
}

test('a number is in no part of a connection error', async () => {
  const server = await tinyServer((request) => request.socket.resetAndDestroy());
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken' });
  expect(everythingIn(await errorOf(client.triggerCall({ toNumber: NUMBER })))).not.toContain('4155552671');
});

test('a trigger is not sent when its beforeWrite throws, once there is a connection, and the next one is', async () => {
  const server = await answering(200, ACCEPTED);
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', maxConcurrentRequests: 1 });
  const late = new Error('late');
  const beforeWrite = (): void => {
    throw late;
  };
  await expect(client.triggerCall({ toNumber: NUMBER }, { beforeWrite })).rejects.toBe(late);
  expect(server.requests).toEqual([]);
  expect(await client.triggerCall({ toNumber: NUMBER })).toEqual({ callSid: 'OUT-1' });
});
