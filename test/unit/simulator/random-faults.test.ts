import { expect, test } from 'vitest';

import type { RandomFaults } from '../../../src/simulator.js';
import { getStatus, simulatorUnderTest } from './simulator-under-test.js';

const HALF: RandomFaults = {
  probability: 0.5,
  faults: [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503 },
  ],
};

async function answersTo(requests: number, faults: RandomFaults, seed: number): Promise<number[]> {
  const simulator = await simulatorUnderTest({ faults, seed });
  simulator.addCall('OUT-1');
  const codes: number[] = [];
  for (let count = 0; count < requests; count += 1) codes.push((await getStatus(simulator, 'OUT-1')).status);
  return codes;
}

test('the same seed gives the same faults, another seed others', async () => {
  const first = await answersTo(40, HALF, 7);
  expect(await answersTo(40, HALF, 7)).toEqual(first);
  expect(await answersTo(40, HALF, 8)).not.toEqual(first);
});

test('the faults strike about as often as their probability says, and each of them does', async () => {
  const codes = await answersTo(400, HALF, 1);
  const share = codes.filter((code) => code !== 200).length / codes.length;
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.6);
  expect(new Set(codes)).toEqual(new Set([200, 500, 503]));
});

test.each([
  [0, 200],
  [1, 500],
])('with probability %d every request is answered with %d', async (probability, code) => {
  const codes = await answersTo(20, { probability, faults: [{ kind: 'status', status: 500 }] }, 1);
  expect(new Set(codes)).toEqual(new Set([code]));
});

test('scripted faults go before random ones', async () => {
  const faults: RandomFaults = { probability: 1, faults: [{ kind: 'status', status: 500 }] };
  const simulator = await simulatorUnderTest({ faults });
  simulator.addCall('OUT-1', { faults: [{ kind: 'status', status: 429 }] });
  expect((await getStatus(simulator, 'OUT-1')).status).toBe(429);
  expect((await getStatus(simulator, 'OUT-1')).status).toBe(500);
});
