import { request } from 'undici';
import { expect, test } from 'vitest';

import { type Fault, type Simulator, startSimulator } from '../../../src/simulator.js';
import { waitFor } from '../../support/wait-for.js';
import { getStatus, simulatorUnderTest, statusPath } from './simulator-under-test.js';

async function simulatorWith(fault: Fault): Promise<Simulator> {
  const simulator = await simulatorUnderTest();
  simulator.addCall('OUT-1', { faults: [fault] });
  return simulator;
}

function ask(simulator: Simulator, signal?: AbortSignal) {
  const headers = { 'X-PolyAi-Auth-Token': simulator.token };
  return request(`${simulator.url}${statusPath('OUT-1')}`, { headers, ...(signal && { signal }) });
}

test('a reset breaks the connection with no answer, and the next request is answered', async () => {
  const simulator = await simulatorWith({ kind: 'reset' });
  await expect(ask(simulator)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(simulator.requests[0]?.status).toBe('dropped');
  expect((await getStatus(simulator, 'OUT-1')).status).toBe(200);
});

test('a cut-off answer announces more than it sends', async () => {
  const simulator = await simulatorWith({ kind: 'cut-off' });
  const { statusCode, headers, body } = await ask(simulator);
  expect(statusCode).toBe(200);
  let received = 0;
  const reading = (async () => {
    for await (const chunk of body as AsyncIterable<Buffer>) received += chunk.length;
  })();
  await expect(reading).rejects.toThrow();
  expect(received).toBeGreaterThan(0);
  expect(received).toBeLessThan(Number(headers['content-length']));
  expect(simulator.requests[0]?.status).toBe('dropped');
});

test.each<Fault>([{ kind: 'hang' }, { kind: 'delay', ms: 3_600_000 }])(
  'with the fault %j a request stays pending until the client leaves, and is dropped then',
  async (fault) => {
    const simulator = await simulatorWith(fault);
    const client = new AbortController();
    const asking = ask(simulator, client.signal);
    await waitFor(() => expect(simulator.requests[0]?.status).toBe('pending'));
    client.abort();
    await expect(asking).rejects.toThrow(/abort/i);
    await waitFor(() => expect(simulator.requests[0]?.status).toBe('dropped'));
    expect((await getStatus(simulator, 'OUT-1')).status).toBe(200);
  },
);

test('closing breaks requests under way and idle connections, and frees the port', async () => {
  const simulator = await startSimulator();
  simulator.addCall('OUT-1', { faults: [{ kind: 'hang' }] });
  await getStatus(simulator, 'OUT-2');
  const asking = ask(simulator);
  asking.catch(() => undefined);
  await waitFor(() => expect(simulator.requestsFor('OUT-1')).toHaveLength(1));
  await simulator.close();
  await expect(asking).rejects.toThrow();
  await expect(getStatus(simulator, 'OUT-2')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(simulator.close()).resolves.toBeUndefined();
});

test('starting on a port in use is refused', async () => {
  const { url } = await simulatorUnderTest();
  await expect(startSimulator({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('a simulator on all addresses names the loopback one as its own', async () => {
  const simulator = await simulatorUnderTest({ host: '0.0.0.0' });
  expect(simulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await getStatus(simulator, 'OUT-1')).status).toBe(404);
});
