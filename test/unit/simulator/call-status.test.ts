import { expect, onTestFinished, test } from 'vitest';

import { type CallScript, type Simulator, STATUS_RETENTION_MS } from '../../../src/simulator.js';
import { openSimulator } from '../../../src/simulator/server.js';
import { getStatus, simulatorUnderTest, START } from './simulator-under-test.js';

async function statusesAt(simulator: Simulator, script: CallScript, ages: readonly number[]): Promise<unknown[]> {
  const bornAt = simulator.clock.now();
  simulator.addCall('OUT-1', script);
  const seen: unknown[] = [];
  for (const age of ages) {
    simulator.clock.set(bornAt + age);
    const { status, body } = await getStatus(simulator, 'OUT-1');
    seen.push(status === 200 ? (body as { status: string }).status : status);
  }
  return seen;
}

test('a call is queued, then calling, then ended, to the millisecond of the simulated clock', async () => {
  const simulator = await simulatorUnderTest();
  const script = { queuedMs: 1_000, callingMs: 2_000 };
  const statuses = await statusesAt(simulator, script, [0, 999, 1_000, 2_999, 3_000, 100_000]);
  expect(statuses).toEqual(['queued', 'queued', 'calling', 'calling', 'success', 'success']);
});

test('a call without a script is queued for 2 s and calling for 8 s, then succeeds', async () => {
  const statuses = await statusesAt(await simulatorUnderTest(), {}, [1_999, 2_000, 9_999, 10_000]);
  expect(statuses).toEqual(['queued', 'calling', 'calling', 'success']);
});

test('a call added without a script follows the default script', async () => {
  const simulator = await simulatorUnderTest({ defaultScript: { queuedMs: 0, callingMs: 0, outcome: 'failure' } });
  simulator.addCall('OUT-1');
  expect((await getStatus(simulator, 'OUT-1')).body).toEqual({ status: 'failure', reason: 'no answer' });
});

test('the reason stands only beside the terminal status', async () => {
  const simulator = await simulatorUnderTest();
  simulator.addCall('OUT-1', { queuedMs: 1_000, callingMs: 0, outcome: 'failure', reason: 'busy' });
  expect((await getStatus(simulator, 'OUT-1')).body).toEqual({ status: 'queued', reason: '' });
  simulator.clock.advance(1_000);
  expect((await getStatus(simulator, 'OUT-1')).body).toEqual({ status: 'failure', reason: 'busy' });
});

test('a success has an empty reason', async () => {
  const simulator = await simulatorUnderTest();
  simulator.addCall('OUT-1', { queuedMs: 0, callingMs: 0 });
  expect((await getStatus(simulator, 'OUT-1')).body).toEqual({ status: 'success', reason: '' });
});

test('scripted statuses can be unknown words, and the outcome follows them', async () => {
  const statuses = [
    { status: 'queued', forMs: 10 },
    { status: 'Ringing', forMs: 10 },
  ];
  const simulator = await simulatorUnderTest();
  expect(await statusesAt(simulator, { statuses, outcome: 'failure' }, [0, 10, 20])).toEqual([
    'queued',
    'Ringing',
    'failure',
  ]);
});

test('a terminal status at the end of the scripted ones stays', async () => {
  const statuses = [{ status: 'queued', forMs: 10 }, { status: 'failure' }];
  const simulator = await simulatorUnderTest();
  expect(await statusesAt(simulator, { statuses }, [9, 10, 1_000_000])).toEqual(['queued', 'failure', 'failure']);
});

test('statuses come in capitals when the script says so', async () => {
  const simulator = await simulatorUnderTest();
  const script = { queuedMs: 10, callingMs: 0, upperCase: true };
  expect(await statusesAt(simulator, script, [0, 10])).toEqual(['QUEUED', 'SUCCESS']);
});

test('a call is unknown for as long after its trigger as the script says', async () => {
  const simulator = await simulatorUnderTest();
  expect(await statusesAt(simulator, { notFoundForMs: 500 }, [0, 499, 500])).toEqual([404, 404, 'queued']);
});

test('a status is forgotten 2 h after the call ended, and not before', async () => {
  const simulator = await simulatorUnderTest();
  const script = { queuedMs: 1_000, callingMs: 2_000 };
  const ages = [3_000 + STATUS_RETENTION_MS - 1, 3_000 + STATUS_RETENTION_MS];
  expect(STATUS_RETENTION_MS).toBe(2 * 60 * 60 * 1_000);
  expect(await statusesAt(simulator, script, ages)).toEqual(['success', 404]);
});

test('a call that never ends is never forgotten', async () => {
  const simulator = await simulatorUnderTest();
  const script = { queuedMs: 0, callingMs: Infinity };
  expect(await statusesAt(simulator, script, [0, 10 * STATUS_RETENTION_MS])).toEqual(['calling', 'calling']);
});

test('adding a call again begins its life anew', async () => {
  const simulator = await simulatorUnderTest();
  expect(await statusesAt(simulator, { queuedMs: 0, callingMs: 0 }, [0])).toEqual(['success']);
  expect(await statusesAt(simulator, { queuedMs: 10 }, [0])).toEqual(['queued']);
});

test('a malformed call SID is not added', async () => {
  const simulator = await simulatorUnderTest();
  expect(() => simulator.addCall('CA-1')).toThrow(TypeError);
});

test('a call that waits for its first poll begins with it, and with no later one', async () => {
  const { simulator, state } = await openSimulator({ now: () => START });
  onTestFinished(() => simulator.close());
  simulator.addCall('OUT-1', { queuedMs: 1_000 });
  state.calls.beginWhenPolled('OUT-1');
  simulator.clock.advance(60_000);

  expect((await getStatus(simulator, 'OUT-1')).body).toMatchObject({ status: 'queued' });
  simulator.clock.advance(999);
  expect((await getStatus(simulator, 'OUT-1')).body).toMatchObject({ status: 'queued' });
  simulator.clock.advance(1);
  expect((await getStatus(simulator, 'OUT-1')).body).toMatchObject({ status: 'calling' });
});
