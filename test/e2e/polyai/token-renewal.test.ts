import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { TokenRequest } from '../../../src/polyai/credentials.js';
import type { PolyAiError } from '../../../src/polyai/errors.js';
import {
  answering,
  clientUnderTest,
  errorOf,
  simulatorAndClient,
  tinyServer,
} from '../../unit/polyai/client-under-test.js';

const NUMBER = '+14155552671';
const QUEUED = '{"status":"queued","reason":""}';

/** A token function that returns another token after a rejection. */
function renewable(first: string, second: string) {
  let token = first;
  return vi.fn(({ afterRejection }: TokenRequest) => (token = afterRejection ? second : token));
}

test('a rejected request is repeated with the new token, and succeeds', async () => {
  const token = renewable('old', 'new');
  const { simulator, client } = await simulatorAndClient({ token: 'new' }, { token });
  simulator.addCall('OUT-1');
  await expect(client.getCallStatus('OUT-1')).resolves.toMatchObject({ status: 'queued' });
  expect(simulator.requests.map(({ status }) => status)).toEqual([401, 200]);

  await client.getCallStatus('OUT-1');
  expect(simulator.requests).toHaveLength(3);
  expect(token.mock.calls.filter(([{ afterRejection }]) => afterRejection)).toHaveLength(1);
});

test.each([
  ['stays the same', renewable('old', 'old')],
  [
    'cannot be read',
    ({ afterRejection }: TokenRequest) => (afterRejection ? Promise.reject(new Error('no vault')) : 'old'),
  ],
  ['is none', ({ afterRejection }: TokenRequest) => (afterRejection ? 'two words' : 'old')],
])('when the token %s after a rejection, the rejection is reported after one request', async (_what, token) => {
  const { simulator, client } = await simulatorAndClient({ token: 'new' }, { token });
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'Unauthorized', httpStatus: 401 });
  expect(simulator.requests).toHaveLength(1);
});

test('a constant token is not read again', async () => {
  const { simulator, client } = await simulatorAndClient({ token: 'new' }, { token: 'old' });
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'Unauthorized' });
  expect(simulator.requests).toHaveLength(1);
});

test('a second rejected token ends the request: there is no third attempt', async () => {
  const { simulator, client } = await simulatorAndClient({ token: 'right' }, { token: renewable('old', 'new') });
  const error = await errorOf(client.getCallStatus('OUT-1'));
  expect(error).toMatchObject({ kind: 'Unauthorized', httpStatus: 401, notSent: false });
  expect(simulator.requests).toHaveLength(2);
});

test('the error of the second attempt is reported', async () => {
  const server = await tinyServer((request, response) => {
    response.writeHead(request.headers['x-polyai-auth-token'] === 'new' ? 503 : 401).end('{}');
  });
  const error = await errorOf(
    clientUnderTest({ baseUrl: server.url, token: renewable('old', 'new') }).getCallStatus('OUT-1'),
  );
  expect(error).toMatchObject({ kind: 'PolyAiUnavailable', httpStatus: 503 });
});

test('concurrent rejections renew the token once, and all requests are repeated', async () => {
  let current = 'old';
  const renewals = vi.fn();
  const token = async ({ afterRejection }: TokenRequest): Promise<string> => {
    if (afterRejection) {
      renewals();
      await new Promise((resolve) => setTimeout(resolve, 200));
      current = 'new';
    }
    return current;
  };
  const { simulator, client } = await simulatorAndClient({ token: 'new' }, { token });
  for (let i = 0; i < 30; i += 1) simulator.addCall(`OUT-${i}`);
  const all = await Promise.all(Array.from({ length: 30 }, (_, i) => client.getCallStatus(`OUT-${i}`)));
  expect(all).toHaveLength(30);
  expect(renewals).toHaveBeenCalledOnce();
  expect(simulator.requests).toHaveLength(60);
  expect(client.tokenRejection).toBeUndefined();
});

test('a token function that does not return in time is not waited for', async () => {
  const token = ({ afterRejection }: TokenRequest): string | Promise<string> =>
    afterRejection ? new Promise<string>(() => undefined) : 'old';
  const { client } = await simulatorAndClient({ token: 'new' }, { token, requestTimeoutMs: 2_000 });
  const startedAt = performance.now();
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'Unauthorized', httpStatus: 401 });
  expect(performance.now() - startedAt).toBeGreaterThan(1_900);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test('both attempts together stay within one request timeout', async () => {
  const arrivals = new EventEmitter();
  const server = await tinyServer((request, response) => {
    if (request.url?.includes('OUT-warm')) response.end(QUEUED);
    else arrivals.emit('request', response);
  });
  const client = clientUnderTest({ baseUrl: server.url, token: renewable('old', 'new'), requestTimeoutMs: 4_000 });
  // undici keeps the timer of its clock from the first request on: it must not be one of this test's clock.
  await client.getCallStatus('OUT-warm');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  let failure: PolyAiError | undefined;

  const first = once(arrivals, 'request');
  const asking = errorOf(client.getCallStatus('OUT-1')).then((error) => (failure = error));
  const [response] = (await first) as [ServerResponse];
  await vi.advanceTimersByTimeAsync(3_000);
  const second = once(arrivals, 'request');
  response.writeHead(401).end('{}');
  await second;
  await vi.advanceTimersByTimeAsync(999);
  expect(failure).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);

  expect(await asking).toMatchObject({ kind: 'PolyAiUnavailable' });
});

test('aborting ends the wait for a new token', async () => {
  const waits = new EventEmitter();
  const waiting = once(waits, 'renewal');
  const token = ({ afterRejection }: TokenRequest): string | Promise<string> => {
    if (!afterRejection) return 'old';
    waits.emit('renewal');
    return new Promise<string>(() => undefined);
  };
  const { client } = await simulatorAndClient({ token: 'new' }, { token });
  const controller = new AbortController();
  const asking = client.getCallStatus('OUT-1', { signal: controller.signal });
  asking.catch(() => undefined);
  await waiting;
  const reason = new Error('the worker shuts down');
  controller.abort(reason);
  await expect(asking).rejects.toBe(reason);
});

test('the second attempt obeys the rate limit, and the rejection is reported when it would wait too long', async () => {
  const limits = { token: renewable('old', 'new'), maxRequestsPerSecond: 2 };
  const { simulator, client } = await simulatorAndClient({ token: 'new' }, limits);
  simulator.addCall('OUT-1');
  const startedAt = Date.now();
  await client.getCallStatus('OUT-1');
  const [, second] = simulator.requests;
  expect(second!.at - startedAt).toBeGreaterThanOrEqual(495);

  simulator.setToken('newer');
  const hasty = clientUnderTest({ ...limits, baseUrl: simulator.url, token: renewable('old', 'newer') });
  expect(await errorOf(hasty.getCallStatus('OUT-1', { maxWaitMs: 0 }))).toMatchObject({ httpStatus: 401 });
});

test('a trigger is repeated after a 401, which means that nothing was dialled, but not after a 403', async () => {
  for (const [status, requests] of [
    [401, 2],
    [403, 1],
  ] as const) {
    const server = await tinyServer((request, response) => {
      const isNew = request.headers['x-polyai-auth-token'] === 'new';
      response.writeHead(isNew ? 200 : status).end(isNew ? '{"call_sid":"OUT-1"}' : '{}');
    });
    const client = clientUnderTest({ baseUrl: server.url, token: renewable('old', 'new') });
    const outcome = await client.triggerCall({ toNumber: NUMBER }).catch((error: unknown) => error);
    expect(outcome).toMatchObject(status === 401 ? { callSid: 'OUT-1' } : { kind: 'Unauthorized', httpStatus: 403 });
    expect(server.requests).toHaveLength(requests);
  }
});

test('a status request is repeated with the new token after a 403', async () => {
  const server = await tinyServer((request, response) => {
    const isNew = request.headers['x-polyai-auth-token'] === 'new';
    response.writeHead(isNew ? 200 : 403).end(isNew ? QUEUED : '{}');
  });
  const client = clientUnderTest({ baseUrl: server.url, token: renewable('old', 'new') });
  await expect(client.getCallStatus('OUT-1')).resolves.toMatchObject({ status: 'queued' });
});

test('no other response renews the token', async () => {
  const token = renewable('old', 'new');
  for (const status of [400, 404, 422, 429, 500]) {
    const server = await answering(status, '{}');
    await errorOf(clientUnderTest({ baseUrl: server.url, token }).getCallStatus('OUT-1'));
    expect(server.requests).toHaveLength(1);
  }
  expect(token.mock.calls.every(([{ afterRejection }]) => !afterRejection)).toBe(true);
});
