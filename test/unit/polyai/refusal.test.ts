import { expect, test, vi } from 'vitest';

import type { PolyAiClient } from '../../../src/polyai/client.js';
import { clientUnderTest, errorOf, everythingIn, simulatorAndClient, tinyServer } from './client-under-test.js';

const NUMBER = '+14155552671';

/** Asks for calls that were never heard of, until the client holds its requests back. */
async function refuse(client: PolyAiClient): Promise<void> {
  for (const callSid of ['OUT-1', 'OUT-2', 'OUT-3']) {
    expect(await errorOf(client.getCallStatus(callSid))).toMatchObject({ httpStatus: 401, notSent: false });
  }
}

test('when the token is refused to three calls, the next are told so without a request', async () => {
  const { simulator, client } = await simulatorAndClient({ token: 'right' }, { token: 'wrong-secret' });
  expect(client.tokenRejection).toBeUndefined();
  const before = Date.now();
  await refuse(client);
  const { since } = client.tokenRejection!;
  expect(client.tokenRejection).toEqual({ since, message: 'PolyAI answered 401: the token is missing or wrong' });
  expect(Date.parse(since)).toBeGreaterThanOrEqual(before);

  const errors = await Promise.all(Array.from({ length: 200 }, (_, i) => errorOf(client.getCallStatus(`OUT-${i}`))));
  expect(simulator.requests).toHaveLength(3);
  for (const error of errors) {
    expect(error).toMatchObject({ kind: 'Unauthorized', notSent: true, retryable: false });
    expect(error.message).toBe(
      `not sent: the token has been rejected since ${since} (${client.tokenRejection!.message})`,
    );
    expect(everythingIn(error)).not.toContain('wrong-secret');
  }
  // The API itself is well.
  expect(client.throttling).toBeUndefined();
});

test('a first question is asked though the token is refused to others, and its answer lets them go', async () => {
  let token = 'wrong-secret';
  const { simulator, client } = await simulatorAndClient({ token: 'right' }, { token: () => token });
  simulator.addCall('OUT-4');
  await refuse(client);
  const first = { bypassCircuit: true };
  expect(await errorOf(client.getCallStatus('OUT-4', first))).toMatchObject({ httpStatus: 401, notSent: false });

  token = 'right';
  const both = [client.getCallStatus('OUT-4', first), client.getCallStatus('OUT-4', first)];
  for (const { status } of await Promise.all(both)) expect(status).toBe('queued');
  expect(client.tokenRejection).toBeUndefined();
});

test('one call that is refused again and again stops no other', async () => {
  const { simulator, client } = await simulatorAndClient();
  simulator.addCall('OUT-mine');
  simulator.addCall('OUT-yours', { faults: [{ kind: 'status', status: 403, times: Infinity }] });
  for (let times = 0; times < 20; times += 1) await errorOf(client.getCallStatus('OUT-yours'));
  await expect(client.getCallStatus('OUT-mine')).resolves.toMatchObject({ status: 'queued' });
  expect(client.tokenRejection).toBeUndefined();
});

test('a token that has changed is tried at once, and its good answer lets all others go', async () => {
  let token = 'old';
  const { simulator, client } = await simulatorAndClient({ token: 'new' }, { token: () => token });
  simulator.addCall('OUT-4');
  await refuse(client);
  await errorOf(client.getCallStatus('OUT-4'));
  expect(simulator.requests).toHaveLength(3);

  token = 'new';
  await expect(client.getCallStatus('OUT-4')).resolves.toMatchObject({ status: 'queued' });
  expect(client.tokenRejection).toBeUndefined();
  await errorOf(client.getCallStatus('OUT-1'));
  await errorOf(client.getCallStatus('OUT-2'));
  expect(simulator.requests.slice(3).map(({ status }) => status)).toEqual([200, 404, 404]);
});

test('a call that is not known is a good answer as far as the token goes', async () => {
  const { simulator, client } = await simulatorAndClient();
  simulator.expireToken();
  await errorOf(client.getCallStatus('OUT-1'));
  await errorOf(client.getCallStatus('OUT-2'));
  simulator.setToken(simulator.token);
  expect(await errorOf(client.getCallStatus('OUT-3'))).toMatchObject({ kind: 'CallNotFound' });
  simulator.expireToken();
  await errorOf(client.getCallStatus('OUT-3'));
  await errorOf(client.getCallStatus('OUT-4'));
  expect(client.tokenRejection).toBeUndefined();
});

test('an answer that says nothing of the token does not close it', async () => {
  let token = 'old';
  const { simulator, client } = await simulatorAndClient({ token: 'new' }, { token: () => token });
  await refuse(client);
  simulator.setFault({ kind: 'status', status: 503 });
  token = 'new';
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ httpStatus: 503 });
  expect(client.tokenRejection).toMatchObject({ message: 'PolyAI answered 401: the token is missing or wrong' });
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'Unauthorized', notSent: true });
});

test('requests that wait for their turn meanwhile are not sent either', async () => {
  const server = await tinyServer((_request, response) => {
    setTimeout(() => response.writeHead(401).end('{}'), 20);
  });
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', maxConcurrentRequests: 1 });
  const errors = await Promise.all(Array.from({ length: 20 }, (_, i) => errorOf(client.getCallStatus(`OUT-${i}`))));
  expect(server.requests).toHaveLength(3);
  expect(errors.filter(({ notSent }) => notSent)).toHaveLength(17);
});

test('a trigger is sent all the same, and its refusal holds no status request back', async () => {
  const { simulator, client } = await simulatorAndClient({ token: 'right' }, { token: 'wrong' });
  for (let times = 0; times < 5; times += 1) {
    expect(await errorOf(client.triggerCall({ toNumber: NUMBER }))).toMatchObject({ httpStatus: 401, notSent: false });
  }
  expect(client.tokenRejection).toBeUndefined();
  await refuse(client);
  await errorOf(client.triggerCall({ toNumber: NUMBER }));
  expect(simulator.requests).toHaveLength(9);
});

test('a request that is not to be sent does not wait for its turn, nor for a slowed-down API', async () => {
  let answer = 401;
  const server = await tinyServer((_request, response) => response.writeHead(answer).end('{}'));
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', maxRequestsPerSecond: 0.5 });
  const three = ['OUT-1', 'OUT-2', 'OUT-3'].map((callSid) => errorOf(client.getCallStatus(callSid)));
  await Promise.all(three);
  answer = 200;
  const startedAt = performance.now();
  expect(await errorOf(client.getCallStatus('OUT-4'))).toMatchObject({ kind: 'Unauthorized', notSent: true });
  // Its turn would come after 2 s.
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});

test('a token that cannot be read while the circuit is open is told as such', async () => {
  let isReadable = true;
  const token = vi.fn(() => {
    if (isReadable) return 'wrong';
    throw new Error('no vault');
  });
  const { client } = await simulatorAndClient({ token: 'right' }, { token });
  await refuse(client);
  isReadable = false;
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'PolyAiUnavailable', notSent: false });
});
