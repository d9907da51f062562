import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CallRegistry } from '../../../src/simulator/calls.js';
import { FaultQueue } from '../../../src/simulator/faults.js';
import type { CallScript } from '../../../src/simulator/script.js';
import { openSimulator } from '../../../src/simulator/server.js';
import { createSimulatorClock } from '../../../src/simulator/clock.js';
import { findSteadyCall } from '../../../src/simulator/steady.js';

const CALL_SID = 'OUT-steady';

const durationMs = fc.integer({ min: 0, max: 10_000 });
const scripts: fc.Arbitrary<CallScript> = fc.record(
  {
    queuedMs: durationMs,
    callingMs: durationMs,
    notFoundForMs: durationMs,
    statuses: fc.array(fc.record({ status: fc.constantFrom('queued', 'ringing', 'calling'), forMs: durationMs })),
    faultPeriods: fc.array(
      fc.record({
        fromMs: durationMs,
        forMs: durationMs,
        fault: fc.constant({ kind: 'status', status: 503 } as const),
      }),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
);

test('a steady call gets one response until the time that is said, whatever its script', () => {
  fc.assert(
    fc.property(scripts, durationMs, fc.double({ min: 0, max: 1, noNaN: true }), (script, ageMs, share) => {
      let nowMs = 0;
      const clock = createSimulatorClock(() => nowMs);
      const calls = new CallRegistry(clock);
      calls.add(CALL_SID, script);
      const response = (atMs: number) => {
        nowMs = atMs;
        return calls.takeFault(CALL_SID) ?? calls.statusOf(CALL_SID);
      };
      const now = response(ageMs);
      const untilMs = calls.steadyUntilMs(CALL_SID);
      if (untilMs === undefined) return;
      expect(untilMs).toBeGreaterThan(ageMs);
      expect(response(ageMs + Math.floor(share * (Math.min(untilMs, 100_000) - 1 - ageMs)))).toEqual(now);
    }),
  );
});

test.each<[string, CallScript]>([
  ['that has a fault left', { faults: [{ kind: 'delay', ms: 1 }] }],
  ['in a fault period', { faultPeriods: [{ fault: { kind: 'status', status: 503 } }] }],
])('a call %s is not steady', (_, script) => {
  const calls = new CallRegistry(createSimulatorClock(() => 0));
  calls.add(CALL_SID, script);
  expect(calls.steadyUntilMs(CALL_SID)).toBeUndefined();
});

test('a call is no longer steady once it, the token, or the fault of all requests is changed', async () => {
  const { simulator, state } = await openSimulator({});
  const changes = [
    () => simulator.addCall(CALL_SID, { callingMs: 5 }),
    () => simulator.setFault({ kind: 'hang' }),
    () => simulator.expireToken(),
    () => simulator.setToken('another'),
  ];
  for (const change of changes) {
    simulator.setFault(undefined);
    simulator.setToken('token');
    simulator.addCall(CALL_SID, { callingMs: 60_000 });
    const steady = findSteadyCall(state, CALL_SID);
    expect(steady?.isUnchanged()).toBe(true);
    change();
    expect(steady?.isUnchanged()).toBe(false);
  }
  await simulator.close();
});

test('no call is steady while all requests have a fault, nor one that the API does not know', async () => {
  const { simulator, state } = await openSimulator({});
  expect(findSteadyCall(state, CALL_SID)).toBeUndefined();
  simulator.addCall(CALL_SID, { callingMs: 60_000 });
  state.globalFault = new FaultQueue([{ kind: 'reset' }]);
  expect(findSteadyCall(state, CALL_SID)).toBeUndefined();
  state.globalFault.take();
  expect(findSteadyCall(state, CALL_SID)?.untilMs).toBeGreaterThan(Date.now());
  await simulator.close();
});
