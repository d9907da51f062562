import { expect, test, vi } from 'vitest';

import type { PolyAiClient } from '../../../src/polyai/client.js';
import { waitFor } from '../../support/wait-for.js';
import { clientUnderTest, errorOf, everythingIn, simulatorAndClient, tinyServer } from './client-under-test.js';

const NUMBER = '+14155552671';

/** Polls three calls with a rejected token, which opens the circuit. */
async function openCircuit(client: PolyAiClient): Promise<void> {
  for (const callSid of ['OUT-1', 'OUT-2', 'OUT-3']) {
    expect(await errorOf(client.getCallStatus(callSid))).toMatchObject({ httpStatus: 401, notSent: false });
  }
}

test('when the API rejects the token for three calls, later polls fail without a request', async () => {
  const { simulator, client } = await simulatorAndClient({ token: 'right' }, { token: 'wrong-secret' });
  expect(client.tokenRejection).toBeUndefined();
  const before = Date.now();
  await openCircuit(client);
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
  // The API itself is available.
  expect(client.throttling).toBeUndefined();
});

test('a request that bypasses the circuit is sent, and its success closes the circuit', async () => {
  let token = 'wrong-secret';
  const { simulator, client } = await simulatorAndClient({ token: 'right' }, { token: () => token });
  simulator.addCall('OUT-4');
  await openCircuit(client);
  const first = { bypassCircuit: true };
  expect(await errorOf(client.getCallStatus('OUT-4', first))).toMatchObject({ httpStatus: 401, notSent: false });

  token = 'right';
  const both = [client.getCallStatus('OUT-4', first), client.getCallStatus('OUT-4', first)];
  for (const { status } of await Promise.all(both)) expect(status).toBe('queued');
  expect(client.tokenRejection).toBeUndefined();
});

test('a single call that is rejected again and again stops no other', async () => {
  const { simulator, client } = await simulatorAndClient();
  simulator.addCall('OUT-mine');
  simulator.addCall('OUT-yours', { faults: [{ kind: 'status', status: 403, times: Infinity }] });
  for (let times = 0; times < 20; times += 1) await errorOf(client.getCallStatus('OUT-yours'));
  await expect(client.getCallStatus('OUT-mine')).resolves.toMatchObject({ status: 'queued' });
  expect(client.tokenRejection).toBeUndefined();
});

test('a new token is tried at once, and its success closes the circuit', async () => {
  let token = 'old';
  const { simulator, client } = await simulatorAndClient({ token: 'new' }, { token: () => token });
  simulator.addCall('OUT-4');
  await openCircuit(client);
  await errorOf(client.getCallStatus('OUT-4'));
  expect(simulator.requests).toHaveLength(3);

  token = 'new';
  await expect(client.getCallStatus('OUT-4')).resolves.toMatchObject({ status: 'queued' });
  expect(client.tokenRejection).toBeUndefined();
  await errorOf(client.getCallStatus('OUT-1'));
  await errorOf(client.getCallStatus('OUT-2'));
  expect(simulator.requests.slice(3).map(({ status }) => status)).toEqual([200, 404, 404]);
});

test('a 404 counts as a success of the token', async () => {
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

test('a response that says nothing about the token does not close the circuit', async () => {
  let token = 'old';
  const { simulator, client } = await simulatorAndClient({ token: 'new' }, { token: () => token });
  await openCircuit(client);
  simulator.setFault({ kind: 'status', status: 503 });
  token = 'new';
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ httpStatus: 503 });
  expect(client.tokenRejection).toMatchObject({ message: 'PolyAI answered 401: the token is missing or wrong' });
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'Unauthorized', notSent: true });
});

test('requests that wait for the limiter while the circuit opens are not sent', async () => {
  const server = await tinyServer((_request, response) => {
    setTimeout(() => response.writeHead(401).end('{}'), 20);
  });
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', maxConcurrentRequests: 1 });
  const errors = await Promise.all(Array.from({ length: 20 }, (_, i) => errorOf(client.getCallStatus(`OUT-${i}`))));
  expect(server.requests).toHaveLength(3);
  expect(errors.filter(({ notSent }) => notSent)).toHaveLength(17);
});

test('triggers are always sent, and their rejection stops no status request', async () => {
  const { simulator, client } = await simulatorAndClient({ token: 'right' }, { token: 'wrong' });
  for (let times = 0; times < 5; times += 1) {
    expect(await errorOf(client.triggerCall({ toNumber: NUMBER }))).toMatchObject({ httpStatus: 401, notSent: false });
  }
  expect(client.tokenRejection).toBeUndefined();
  await openCircuit(client);
  await errorOf(client.triggerCall({ toNumber: NUMBER }));
  expect(simulator.requests).toHaveLength(9);
});

test('a request that the circuit stops does not wait for the limiter', async () => {
  const server = await tinyServer(({ url }, response) => {
    if (!url?.includes('OUT-hang')) response.writeHead(401).end('{}');
  });
  const client = clientUnderTest({ baseUrl: server.url, token: 't0ken', maxConcurrentRequests: 1 });
  await openCircuit(client);
  const controller = new AbortController();
  const hanging = client.getCallStatus('OUT-hang', { bypassCircuit: true, signal: controller.signal });
  await waitFor(() => expect(server.requests).toHaveLength(4));

  expect(await errorOf(client.getCallStatus('OUT-4'))).toMatchObject({ kind: 'Unauthorized', notSent: true });
  controller.abort('enough');
  await expect(hanging).rejects.toBe('enough');
});

test('a token that cannot be read while the circuit is open is reported as such', async () => {
  let isReadable = true;
  const token = vi.fn(() => {
    if (isReadable) return 'wrong';
    throw new Error('no vault');
  });
  const { client } = await simulatorAndClient({ token: 'right' }, { token });
  await openCircuit(client);
  isReadable = false;
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'PolyAiUnavailable', notSent: false });
});
