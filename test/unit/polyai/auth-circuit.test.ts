import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { AuthCircuitBreaker } from '../../../src/polyai/auth-circuit.js';
import type { PolyAiError } from '../../../src/polyai/errors.js';
import { MonitorsBehindCircuit } from './monitors-behind-circuit.js';

const CALLS = ['OUT-1', 'OUT-2', 'OUT-3'];
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 15, 12);

const NOT_SENT = { kind: 'Unauthorized', notSent: true };

describe.each([5, 300])('200 live calls, and an API that takes %i ms to answer', (latencyMs) => {
  test('a token rejected for ten minutes costs fewer than 60 requests, and all calls are served within a minute after it', async () => {
    const monitors = new MonitorsBehindCircuit({ calls: 200, latencyMs });
    await monitors.time.advance(10_000);
    expect(monitors.sent).toBeGreaterThan(400);

    monitors.rejectsAll = true;
    const sentBefore = monitors.sent;
    await monitors.time.advance(10 * MINUTE);
    expect(monitors.sent - sentBefore).toBeLessThan(60);
    expect(monitors.sent - sentBefore).toBeGreaterThan(10 * 2);
    expect(monitors.circuit.tokenRejection).toMatchObject({ message: 'PolyAI answered 401' });

    monitors.rejectsAll = false;
    const recoveredAt = Date.now();
    await monitors.time.advance(MINUTE);
    expect(monitors.callsServedSince(recoveredAt)).toBe(200);
    expect(monitors.circuit.isOpen).toBe(false);
  });

  test('the next request of any call tries a token that was renewed in the meantime', async () => {
    const monitors = new MonitorsBehindCircuit({ calls: 200, latencyMs });
    await monitors.time.advance(10_000);
    monitors.acceptedToken = 'new';
    await monitors.time.advance(3 * MINUTE);
    expect(monitors.circuit.isOpen).toBe(true);

    monitors.token = 'new';
    await monitors.time.advance(2_000);
    expect(monitors.circuit.isOpen).toBe(false);
    const renewedAt = Date.now() - 2_000;
    await monitors.time.advance(36_000 - 2_000);
    // Calls that polled before the first response poll again later.
    expect(monitors.callsServedSince(renewedAt)).toBeGreaterThan(190);
    await monitors.time.advance(36_000);
    expect(monitors.callsServedSince(renewedAt)).toBe(200);
  });
});

test('two calls never open the circuit, and each continues within its own interval', async () => {
  const monitors = new MonitorsBehindCircuit({ calls: 2, latencyMs: 50 });
  await monitors.time.advance(5_000);
  monitors.rejectsAll = true;
  for (let minutes = 0; minutes < 10; minutes += 1) {
    await monitors.time.advance(MINUTE);
    expect(monitors.circuit.isOpen).toBe(false);
  }
  monitors.rejectsAll = false;
  await monitors.time.advance(36_050);
  expect(monitors.callsServedSince(Date.now() - 36_050)).toBe(2);
});

test('calls of another account do not open the circuit, however often they are rejected', async () => {
  const monitors = new MonitorsBehindCircuit({ calls: 30, latencyMs: 50, foreignCalls: 5 });
  for (let minutes = 0; minutes < 10; minutes += 1) {
    await monitors.time.advance(MINUTE);
    expect(monitors.circuit.isOpen).toBe(false);
  }
  expect(monitors.rejections).toBeGreaterThan(50);
});

describe('a circuit', () => {
  beforeEach(() => void vi.useFakeTimers({ now: START }));
  afterEach(() => void vi.useRealTimers());

  test('a thousand new calls of another account do not open the circuit while this account’s calls succeed', () => {
    const circuit = new AuthCircuitBreaker();
    circuit.recordSuccess('OUT-own', performance.now());
    vi.advanceTimersByTime(5_000);
    for (let call = 0; call < 1_000; call += 1) circuit.recordRejection(request(`OUT-${call}`));
    expect(circuit.isOpen).toBe(false);

    // Without a success for 10 s, all rejections count.
    vi.advanceTimersByTime(5_000);
    for (let call = 0; call < 3; call += 1) circuit.recordRejection(request(`OUT-${call}`));
    expect(circuit.isOpen).toBe(true);
  });

  test('a single call in credential-hold finds a probe due each time', () => {
    const { circuit } = opened();
    for (let polls = 0; polls < 200; polls += 1) {
      vi.advanceTimersByTime(24_000); // the shortest wait
      expect(() => circuit.acquire('old')).not.toThrow();
      circuit.recordRejection(request('OUT-1'));
    }
  });

  test('the third call opens the circuit, and its error names the start of the rejection', () => {
    const circuit = new AuthCircuitBreaker();
    circuit.recordRejection(request('OUT-1'));
    vi.advanceTimersByTime(2_000);
    for (let times = 0; times < 10; times += 1) circuit.recordRejection(request('OUT-2'));
    expect(circuit.tokenRejection).toBeUndefined();
    circuit.acquire('old');

    circuit.recordRejection(request('OUT-3'));
    expect(circuit.tokenRejection).toEqual({ since: new Date(START).toISOString(), message: 'PolyAI answered 401' });
    const error = rejectionOf(circuit);
    expect(error).toMatchObject({ kind: 'Unauthorized', notSent: true, retryable: false, httpStatus: undefined });
    expect(error.message).toBe(
      'not sent: the token has been rejected since 2026-01-15T12:00:00.000Z (PolyAI answered 401)',
    );
  });

  test('one probe is sent every 16 to 24 s, and other requests fail at once', () => {
    const { circuit } = opened();
    const probes: number[] = [];
    for (let ms = 0; ms < 10 * MINUTE; ms += 100) {
      vi.advanceTimersByTime(100);
      if (circuit.rejection('old')) continue;
      circuit.acquire('old');
      probes.push(ms);
      rejectionOf(circuit);
    }
    const gaps = probes.slice(1).map((ms, index) => ms - probes[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(16_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(24_100);
    expect(new Set(gaps).size).toBeGreaterThan(5);
  });

  test('the first success closes the circuit', () => {
    const { circuit } = opened();
    vi.advanceTimersByTime(24_000);
    circuit.acquire('old');
    circuit.recordSuccess('OUT-1', performance.now());
    expect(circuit.tokenRejection).toBeUndefined();
    circuit.acquire('old');
    circuit.acquire('old');
  });

  test('the success of a request sent before the rejections does not close the circuit', () => {
    const sentBeforeMs = performance.now();
    vi.advanceTimersByTime(1_000);
    const { circuit } = opened();
    circuit.recordSuccess('OUT-4', sentBeforeMs);
    expect(circuit.isOpen).toBe(true);
  });

  test('rejections of requests sent before a success do not open the circuit, for example after a renewal', () => {
    const circuit = new AuthCircuitBreaker();
    for (const callSid of CALLS) circuit.recordSuccess(callSid, performance.now());
    vi.advanceTimersByTime(10);
    const old = CALLS.map((callSid) => request(callSid));
    vi.advanceTimersByTime(10);
    circuit.recordSuccess('OUT-4', performance.now());
    for (const rejected of old) circuit.recordRejection(rejected);
    expect(circuit.isOpen).toBe(false);
  });

  test('a new token is tried at once, but at most three in a row', () => {
    const { circuit } = opened();
    for (const token of ['second', 'third', 'fourth']) {
      circuit.acquire(token);
      expect(circuit.rejection(token)).toMatchObject(NOT_SENT);
      circuit.recordRejection({ ...request('OUT-1'), token });
    }
    expect(circuit.rejection('fifth')).toMatchObject(NOT_SENT);
    vi.advanceTimersByTime(24_000);
    expect(circuit.rejection('fifth')).toBeUndefined();
  });
});

function request(callSid: string) {
  return { callSid, token: 'old', sentAtMs: performance.now(), message: 'PolyAI answered 401' };
}

function opened(): { circuit: AuthCircuitBreaker } {
  const circuit = new AuthCircuitBreaker();
  for (const callSid of CALLS) circuit.recordRejection(request(callSid));
  expect(circuit.isOpen).toBe(true);
  return { circuit };
}

/** The error of a request that the circuit stops now. */
function rejectionOf(circuit: AuthCircuitBreaker): PolyAiError {
  const rejection = circuit.rejection('old');
  expect(rejection).toMatchObject(NOT_SENT);
  let thrown: unknown;
  try {
    circuit.acquire('old');
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toEqual(rejection);
  return rejection!;
}
