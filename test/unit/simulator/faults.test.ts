import { request } from 'undici';
import { expect, test } from 'vitest';

import type { Fault, Simulator } from '../../../src/simulator.js';
import { getStatus, simulatorUnderTest, START, statusPath, trigger } from './simulator-under-test.js';

async function simulatorWith(...faults: Fault[]): Promise<Simulator> {
  const simulator = await simulatorUnderTest();
  simulator.addCall('OUT-1', { faults });
  return simulator;
}

async function rawText(simulator: Simulator): Promise<string> {
  const headers = { 'X-PolyAi-Auth-Token': simulator.token };
  const { body } = await request(`${simulator.url}${statusPath('OUT-1')}`, { headers });
  return body.text();
}

async function statusCodes(simulator: Simulator, callSids: readonly string[]): Promise<number[]> {
  const codes: number[] = [];
  for (const callSid of callSids) codes.push((await getStatus(simulator, callSid)).status);
  return codes;
}

test('scripted faults are met in their order, each as often as it says, and then no more', async () => {
  const simulator = await simulatorWith(
    { kind: 'status', status: 500 },
    { kind: 'status', status: 429, times: 2 },
    { kind: 'status', status: 503, times: 0 },
    { kind: 'status', status: 408 },
  );
  expect(await statusCodes(simulator, Array<string>(6).fill('OUT-1'))).toEqual([500, 429, 429, 408, 200, 200]);
});

test('scripted faults are those of one call only', async () => {
  const simulator = await simulatorWith({ kind: 'status', status: 500 });
  simulator.addCall('OUT-2');
  expect(await statusCodes(simulator, ['OUT-2', 'OUT-1', 'OUT-1'])).toEqual([200, 500, 200]);
});

test('a request with a wrong token uses up no scripted fault', async () => {
  const simulator = await simulatorWith({ kind: 'status', status: 500 });
  expect((await getStatus(simulator, 'OUT-1', { token: 'wrong' })).status).toBe(401);
  expect(await statusCodes(simulator, ['OUT-1', 'OUT-1'])).toEqual([500, 200]);
});

test('a status fault answers with an error body, or with the body it is given', async () => {
  const simulator = await simulatorWith(
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502, body: ['bad', 'gateway'] },
  );
  expect((await getStatus(simulator, 'OUT-1')).body).toEqual({ error: 'simulated fault', code: 'HTTP_500' });
  expect((await getStatus(simulator, 'OUT-1')).body).toEqual(['bad', 'gateway']);
});

test('Retry-After comes in seconds, as an HTTP-date ahead of real time, or not at all', async () => {
  const simulator = await simulatorWith(
    { kind: 'status', status: 429, retryAfter: 7 },
    { kind: 'status', status: 503, retryAfter: { httpDateInMs: 60_000 } },
    { kind: 'status', status: 503 },
  );
  expect((await getStatus(simulator, 'OUT-1')).headers['retry-after']).toBe('7');
  const before = Date.now();
  const date = (await getStatus(simulator, 'OUT-1')).headers['retry-after'];
  expect(date).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  expect(Date.parse(String(date))).toBeGreaterThan(before + 60_000 - 1_000);
  expect(Date.parse(String(date))).toBeLessThanOrEqual(Date.now() + 60_000);
  expect((await getStatus(simulator, 'OUT-1')).headers['retry-after']).toBeUndefined();
});

test('a delayed answer is the right one, and comes no sooner than the delay', async () => {
  const simulator = await simulatorWith({ kind: 'delay', ms: 60 });
  const before = performance.now();
  const { body } = await getStatus(simulator, 'OUT-1');
  // A timer may fire up to 1 ms early, by the event loop's rounding.
  expect(performance.now() - before).toBeGreaterThanOrEqual(59);
  expect(body).toEqual({ status: 'queued', reason: '' });
});

test('a redirect names its target and is answered without the call’s status', async () => {
  const simulator = await simulatorWith({ kind: 'redirect', location: 'http://127.0.0.1:9/elsewhere' });
  const answer = await getStatus(simulator, 'OUT-1');
  expect(answer).toMatchObject({ status: 307, headers: { location: 'http://127.0.0.1:9/elsewhere' } });
  expect(answer.body).not.toHaveProperty('status');
});

test('a malformed answer is a 200 that is no JSON', async () => {
  const simulator = await simulatorWith({ kind: 'malformed' });
  const text = await rawText(simulator);
  expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  expect(simulator.requests[0]?.status).toBe(200);
});

test('a body fault is a 200 with just that body', async () => {
  const simulator = await simulatorWith({ kind: 'body', body: null }, { kind: 'body', body: { status: 7 } });
  expect(await getStatus(simulator, 'OUT-1')).toMatchObject({ status: 200, body: null });
  expect(await getStatus(simulator, 'OUT-1')).toMatchObject({ status: 200, body: { status: 7 } });
});

test('an oversized answer has more than 8 MiB of JSON, and does not announce them', async () => {
  const simulator = await simulatorWith({ kind: 'oversized' });
  const { headers, body } = await getStatus(simulator, 'OUT-1');
  expect(headers['content-length']).toBeUndefined();
  expect(JSON.stringify(body).length).toBeGreaterThan(8 * 1024 * 1024);
});

test('a global fault spoils every status request until it is lifted, before the token is looked at', async () => {
  const simulator = await simulatorUnderTest();
  simulator.addCall('OUT-1', { faults: [{ kind: 'status', status: 429 }] });
  simulator.setFault({ kind: 'status', status: 503 });
  expect(await statusCodes(simulator, ['OUT-1', 'OUT-2', 'OUT-1'])).toEqual([503, 503, 503]);
  expect((await getStatus(simulator, 'OUT-1', { token: 'wrong' })).status).toBe(503);
  expect((await trigger(simulator, { to_number: '+12025550123' })).status).toBe(200);
  simulator.setFault(undefined);
  expect(await statusCodes(simulator, ['OUT-1', 'OUT-1', 'OUT-2'])).toEqual([429, 200, 404]);
});

test('a global fault with a number of times lifts itself', async () => {
  const simulator = await simulatorWith();
  simulator.setFault({ kind: 'status', status: 503, times: 2 });
  expect(await statusCodes(simulator, ['OUT-1', 'OUT-1', 'OUT-1'])).toEqual([503, 503, 200]);
});

test('a fault period affects all requests within its time, by the clock of the simulator', async () => {
  const simulator = await simulatorUnderTest();
  const fault = { kind: 'status', status: 503 } as const;
  simulator.addCall('OUT-1', { callingMs: Infinity, faultPeriods: [{ fromMs: 10_000, forMs: 5_000, fault }] });
  const codes: number[] = [];
  for (const advanceMs of [0, 9_999, 1, 4_999, 1]) {
    simulator.clock.advance(advanceMs);
    codes.push(...(await statusCodes(simulator, ['OUT-1', 'OUT-1'])));
  }
  expect(codes).toEqual([200, 200, 200, 200, 503, 503, 503, 503, 200, 200]);
});

test('a fault period without an end lasts, and one without a beginning begins with the call', async () => {
  const simulator = await simulatorUnderTest();
  simulator.addCall('OUT-1', { faultPeriods: [{ fault: { kind: 'status', status: 404 } }] });
  simulator.clock.advance(100_000);
  expect(await statusCodes(simulator, ['OUT-1'])).toEqual([404]);
});

test('the clock of a simulator that follows another one is set at each request', async () => {
  let time = START;
  const simulator = await simulatorUnderTest({ syncClock: () => Promise.resolve(time) });
  simulator.addCall('OUT-1', { queuedMs: 1_000 });
  const before = await getStatus(simulator, 'OUT-1');
  time += 1_000;
  const after = await getStatus(simulator, 'OUT-1');
  expect([before.body, after.body]).toMatchObject([{ status: 'queued' }, { status: 'calling' }]);
  expect(simulator.requests.map(({ simulatedAt }) => simulatedAt)).toEqual([START, START + 1_000]);
});
