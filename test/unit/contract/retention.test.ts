import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  ALARM_AFTER_MS,
  alarmOf,
  isAtRisk,
  STATUS_RETENTION_MS,
  outcomeSafeUntil,
} from '../../../src/contract/retention.js';
import { CREDENTIAL_HOLD_MS } from '../../../src/workflows/polling-plan.js';

const startedAt = '2026-01-15T12:00:00.000Z';
const observed = (status: string, observedAt = '2026-01-15T13:30:00.000Z') => ({
  startedAt,
  lastObservation: { status, observedAt },
});

describe('the outcome-safe time', () => {
  it('is two hours after the last observation', () => {
    expect(outcomeSafeUntil(observed('calling'))).toBe('2026-01-15T15:30:00.000Z');
  });

  it('is two hours after the start before the first observation, because the call may have ended by then', () => {
    expect(outcomeSafeUntil({ startedAt })).toBe('2026-01-15T14:00:00.000Z');
  });

  it('counts from an observation with an unknown status', () => {
    expect(outcomeSafeUntil(observed('ringing'))).toBe('2026-01-15T15:30:00.000Z');
  });

  it.each(['success', 'failure'])('is undefined once the call has ended in %s', (status) => {
    expect(outcomeSafeUntil(observed(status))).toBeUndefined();
    expect(isAtRisk(observed(status), Date.parse(startedAt) + 100 * STATUS_RETENTION_MS)).toBe(false);
  });

  it('is undefined when the time of the last observation is malformed', () => {
    expect(outcomeSafeUntil(observed('calling', 'yesterday'))).toBeUndefined();
    expect(isAtRisk(observed('calling', 'yesterday'), Date.parse(startedAt))).toBe(false);
  });

  it('equals the time that a monitor polls with a rejected token', () => {
    expect(CREDENTIAL_HOLD_MS).toBe(STATUS_RETENTION_MS);
  });
});

describe('the alarm', () => {
  it('leaves three quarters of the retention to act', () => {
    expect(ALARM_AFTER_MS).toBe(30 * 60_000);
    expect(STATUS_RETENTION_MS - ALARM_AFTER_MS).toBe(90 * 60_000);
  });

  it('is due half an hour after the last observation, and not a millisecond before', () => {
    const dueAtMs = Date.parse('2026-01-15T14:00:00.000Z');
    expect(isAtRisk(observed('queued'), dueAtMs - 1)).toBe(false);
    expect(isAtRisk(observed('queued'), dueAtMs)).toBe(true);
  });

  it('is due half an hour after the start before the first observation', () => {
    expect(isAtRisk({ startedAt }, Date.parse('2026-01-15T12:29:59.999Z'))).toBe(false);
    expect(isAtRisk({ startedAt }, Date.parse('2026-01-15T12:30:00.000Z'))).toBe(true);
  });

  const dueAtMs = Date.parse('2026-01-15T14:00:00.000Z');

  it.each([
    ['no-worker', 'when no worker took the last poll', 'Timeout:SCHEDULE_TO_START'],
    ['no-worker', 'when the worker was lost during the last poll', 'Timeout:START_TO_CLOSE'],
    ['no-worker', 'when the worker sent no heartbeat any more', 'Timeout:HEARTBEAT'],
    ['api-unreachable', 'when the last poll failed', 'PolyAiUnavailable'],
    ['api-unreachable', 'when nothing is known of the last poll', undefined],
  ])('is %s %s', (alarm, _when, type) => {
    const state = { ...observed('calling'), ...(type !== undefined && { lastError: { type } }) };
    expect(alarmOf(state, dueAtMs - 1)).toBeUndefined();
    expect(alarmOf(state, dueAtMs)).toBe(alarm);
  });

  it('is credential-refused at once, whatever else is wrong', () => {
    const state = { ...observed('calling'), credentialRefusedSinceMs: 0, lastError: { type: 'Timeout:HEARTBEAT' } };
    expect(alarmOf(state, Date.parse(startedAt))).toBe('credential-refused');
    expect(alarmOf(state, dueAtMs)).toBe('credential-refused');
  });

  it('is always due before the outcome-safe time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 * STATUS_RETENTION_MS }),
        fc.constantFrom('queued', 'odd'),
        (ms, status) => {
          const nowMs = Date.parse(startedAt) + ms;
          const call = observed(status, startedAt);
          const isSafe = nowMs < Date.parse(outcomeSafeUntil(call)!);
          return isSafe || isAtRisk(call, nowMs);
        },
      ),
    );
  });
});
