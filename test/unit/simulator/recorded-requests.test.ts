import { expect, test } from 'vitest';

import { startSimulator } from '../../../src/simulator.js';
import { getStatus, send, simulatorUnderTest, START, statusPath, trigger } from './simulator-under-test.js';

test('each request is on record, in order, with both times and what it was answered', async () => {
  const simulator = await simulatorUnderTest();
  simulator.addCall('OUT-1');
  const before = Date.now();
  await getStatus(simulator, 'OUT-1');
  simulator.clock.advance(5_000);
  await getStatus(simulator, 'OUT-2');
  await send(simulator, '/');
  const after = Date.now();

  const [first, second, third] = simulator.requests;
  expect(first).toMatchObject({
    method: 'GET',
    path: statusPath('OUT-1'),
    callSid: 'OUT-1',
    status: 200,
    simulatedAt: START,
  });
  expect(second).toMatchObject({ callSid: 'OUT-2', status: 404, simulatedAt: START + 5_000 });
  expect(third).toMatchObject({ path: '/', status: 404 });
  expect(third).not.toHaveProperty('callSid');
  const times = simulator.requests.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(before);
  expect(times[2]).toBeLessThanOrEqual(after);
});

test('the requests of one call are its trigger and the questions about it', async () => {
  const simulator = await simulatorUnderTest();
  const { body } = await trigger(simulator, { to_number: '+12025550123' });
  const { call_sid: callSid } = body as { call_sid: string };
  await getStatus(simulator, 'OUT-other');
  await getStatus(simulator, callSid);
  expect(simulator.requestsFor(callSid).map(({ method }) => method)).toEqual(['POST', 'GET']);
  expect(simulator.requests).toHaveLength(3);
});

test('neither the token nor a phone number nor a query is on record', async () => {
  const simulator = await simulatorUnderTest({ token: 'not-for-the-record' });
  await trigger(simulator, { to_number: '+12025550123', metadata: { callback: '+12025550199' } });
  await send(simulator, `${statusPath('OUT-1')}?to=12025550123&token=not-for-the-record`);
  expect(simulator.requests.map(({ status }) => status)).toEqual([200, 404]);
  const record = JSON.stringify(simulator.requests);
  expect(record).not.toContain('1202555');
  expect(record).not.toContain('not-for-the-record');
});

test('without a clock of its own the simulator runs by real time, and can be moved', async () => {
  const simulator = await startSimulator();
  await simulator.close();
  const before = Date.now();
  const now = simulator.clock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
  simulator.clock.set(START);
  simulator.clock.advance(1_000);
  expect(simulator.clock.now()).toBeGreaterThanOrEqual(START + 1_000);
  expect(simulator.clock.now()).toBeLessThan(START + 3_600_000);
});
