import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { RefusalCircuit } from '../../../src/polyai/auth-circuit.js';
import type { PolyAiError } from '../../../src/polyai/errors.js';
import { RefusedMonitors } from './refused-monitors.js';

const CALLS = ['OUT-1', 'OUT-2', 'OUT-3'];
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 15, 12);

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

const NOT_SENT = { kind: 'Unauthorized', notSent: true };

describe.each([5, 300])('200 live calls, and an API that takes %i ms to answer', (latencyMs) => {
  test('a token refused for ten minutes costs fewer than 60 requests, and all calls go on within a minute after it', async () => {
    const monitors = new RefusedMonitors({ calls: 200, latencyMs });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(monitors.sent).toBeGreaterThan(400);

    monitors.isRefused = true;
    const sentBefore = monitors.sent;
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(monitors.sent - sentBefore).toBeLessThan(60);
    expect(monitors.sent - sentBefore).toBeGreaterThan(10 * 2);
    expect(monitors.circuit.refusal).toMatchObject({ message: 'PolyAI answered 401' });

    monitors.isRefused = false;
    const recoveredAt = Date.now();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(monitors.servedSince(recoveredAt)).toBe(200);
    expect(monitors.circuit.isOpen).toBe(false);
  });

  test('a token that is renewed in the meantime is tried by the next request, whichever call’s it is', async () => {
    const monitors = new RefusedMonitors({ calls: 200, latencyMs });
    await vi.advanceTimersByTimeAsync(10_000);
    monitors.accepted = 'new';
    await vi.advanceTimersByTimeAsync(3 * MINUTE);
    expect(monitors.circuit.isOpen).toBe(true);

    monitors.token = 'new';
    await vi.advanceTimersByTimeAsync(2_000);
    expect(monitors.circuit.isOpen).toBe(false);
    const renewedAt = Date.now() - 2_000;
    await vi.advanceTimersByTimeAsync(36_000 - 2_000);
    // Those that came while the first answer was under way come once more.
    expect(monitors.servedSince(renewedAt)).toBeGreaterThan(190);
    await vi.advanceTimersByTimeAsync(36_000);
    expect(monitors.servedSince(renewedAt)).toBe(200);
  });
});

test('two live calls never open it, and each goes on within its own interval', async () => {
  const monitors = new RefusedMonitors({ calls: 2, latencyMs: 50 });
  await vi.advanceTimersByTimeAsync(5_000);
  monitors.isRefused = true;
  for (let minutes = 0; minutes < 10; minutes += 1) {
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(monitors.circuit.isOpen).toBe(false);
  }
  monitors.isRefused = false;
  await vi.advanceTimersByTimeAsync(36_050);
  expect(monitors.servedSince(Date.now() - 36_050)).toBe(2);
});

test('other accounts’ calls among those of this one open nothing, however often they are refused', async () => {
  const monitors = new RefusedMonitors({ calls: 30, latencyMs: 50, strangers: 5 });
  for (let minutes = 0; minutes < 10; minutes += 1) {
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(monitors.circuit.isOpen).toBe(false);
  }
  expect(monitors.refusals).toBeGreaterThan(50);
});

test('a thousand calls of another account that are started at once open nothing while this one’s have good answers', () => {
  const circuit = new RefusalCircuit();
  circuit.accepted('OUT-own', performance.now());
  vi.advanceTimersByTime(5_000);
  for (let call = 0; call < 1_000; call += 1) circuit.refused(request(`OUT-${call}`));
  expect(circuit.isOpen).toBe(false);

  // With no good answer for long, whoever is refused is believed.
  vi.advanceTimersByTime(5_000);
  for (let call = 0; call < 3; call += 1) circuit.refused(request(`OUT-${call}`));
  expect(circuit.isOpen).toBe(true);
});

test('a call that is alone in its credential hold finds a probe due each time', async () => {
  const { circuit } = opened();
  for (let polls = 0; polls < 200; polls += 1) {
    await vi.advanceTimersByTimeAsync(24_000); // the shortest wait
    expect(() => circuit.admit('old')).not.toThrow();
    circuit.refused(request('OUT-1'));
  }
});

test('it opens with the third call, and tells since when the token is refused', () => {
  const circuit = new RefusalCircuit();
  circuit.refused(request('OUT-1'));
  vi.advanceTimersByTime(2_000);
  for (let times = 0; times < 10; times += 1) circuit.refused(request('OUT-2'));
  expect(circuit.refusal).toBeUndefined();
  circuit.admit('old');

  circuit.refused(request('OUT-3'));
  expect(circuit.refusal).toEqual({ since: new Date(START).toISOString(), message: 'PolyAI answered 401' });
  const error = objectionOf(circuit);
  expect(error).toMatchObject({ kind: 'Unauthorized', notSent: true, retryable: false, httpStatus: undefined });
  expect(error.message).toBe(
    'not sent: the token has been rejected since 2026-01-15T12:00:00.000Z (PolyAI answered 401)',
  );
});

test('one probe in 16 to 24 s is let through, and the others are told so at once', () => {
  const { circuit } = opened();
  const probes: number[] = [];
  for (let ms = 0; ms < 10 * MINUTE; ms += 100) {
    vi.advanceTimersByTime(100);
    if (circuit.objection('old')) continue;
    circuit.admit('old');
    probes.push(ms);
    objectionOf(circuit);
  }
  const gaps = probes.slice(1).map((ms, index) => ms - probes[index]!);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(16_000);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(24_100);
  expect(new Set(gaps).size).toBeGreaterThan(5);
});

test('the first good answer closes it', () => {
  const { circuit } = opened();
  vi.advanceTimersByTime(24_000);
  circuit.admit('old');
  circuit.accepted('OUT-1', performance.now());
  expect(circuit.refusal).toBeUndefined();
  circuit.admit('old');
  circuit.admit('old');
});

test('a good answer to a request from before the refusals closes nothing', () => {
  const sentBeforeMs = performance.now();
  vi.advanceTimersByTime(1_000);
  const { circuit } = opened();
  circuit.accepted('OUT-4', sentBeforeMs);
  expect(circuit.isOpen).toBe(true);
});

test('refusals of requests from before a good answer’s open nothing, such as after a renewal', () => {
  const circuit = new RefusalCircuit();
  for (const callSid of CALLS) circuit.accepted(callSid, performance.now());
  vi.advanceTimersByTime(10);
  const old = CALLS.map((callSid) => request(callSid));
  vi.advanceTimersByTime(10);
  circuit.accepted('OUT-4', performance.now());
  for (const refused of old) circuit.refused(refused);
  expect(circuit.isOpen).toBe(false);
});

test('a new token is tried at once, but not more than three in a row', () => {
  const { circuit } = opened();
  for (const token of ['second', 'third', 'fourth']) {
    circuit.admit(token);
    expect(circuit.objection(token)).toMatchObject(NOT_SENT);
    circuit.refused({ ...request('OUT-1'), token });
  }
  expect(circuit.objection('fifth')).toMatchObject(NOT_SENT);
  vi.advanceTimersByTime(24_000);
  expect(circuit.objection('fifth')).toBeUndefined();
});

function request(callSid: string) {
  return { callSid, token: 'old', sentAtMs: performance.now(), message: 'PolyAI answered 401' };
}

function opened(): { circuit: RefusalCircuit } {
  const circuit = new RefusalCircuit();
  for (const callSid of CALLS) circuit.refused(request(callSid));
  expect(circuit.isOpen).toBe(true);
  return { circuit };
}

/** Why the circuit admits no request now. */
function objectionOf(circuit: RefusalCircuit): PolyAiError {
  const objection = circuit.objection('old');
  expect(objection).toMatchObject(NOT_SENT);
  let thrown: unknown;
  try {
    circuit.admit('old');
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toEqual(objection);
  return objection!;
}
