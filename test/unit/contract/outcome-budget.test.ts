import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ALARM_AFTER_MS, isAtRisk, STATUS_RETENTION_MS, outcomeSafeUntil } from '../../../src/contract/retention.js';
import { CREDENTIAL_HOLD_MS } from '../../../src/workflows/polling-plan.js';

const startedAt = '2026-01-15T12:00:00.000Z';
const seen = (status: string, observedAt = '2026-01-15T13:30:00.000Z') => ({
  startedAt,
  lastObservation: { status, observedAt },
});

describe('the time that an outcome is safe', () => {
  it('is two hours from the last good answer', () => {
    expect(outcomeSafeUntil(seen('calling'))).toBe('2026-01-15T15:30:00.000Z');
  });

  it('is two hours from the start while there was no good answer, for the call may have been over then', () => {
    expect(outcomeSafeUntil({ startedAt })).toBe('2026-01-15T14:00:00.000Z');
  });

  it('counts from an answer with a status that this version does not know', () => {
    expect(outcomeSafeUntil(seen('ringing'))).toBe('2026-01-15T15:30:00.000Z');
  });

  it.each(['success', 'failure'])('has no end once the call is known to have ended in %s', (status) => {
    expect(outcomeSafeUntil(seen(status))).toBeUndefined();
    expect(isAtRisk(seen(status), Date.parse(startedAt) + 100 * STATUS_RETENTION_MS)).toBe(false);
  });

  it('is not known where the time of the last answer is none, and nothing breaks', () => {
    expect(outcomeSafeUntil(seen('calling', 'yesterday'))).toBeUndefined();
    expect(isAtRisk(seen('calling', 'yesterday'), Date.parse(startedAt))).toBe(false);
  });

  it('is as long as a refused token is held out', () => {
    expect(CREDENTIAL_HOLD_MS).toBe(STATUS_RETENTION_MS);
  });
});

describe('the alarm', () => {
  it('leaves three quarters of the time to act', () => {
    expect(ALARM_AFTER_MS).toBe(30 * 60_000);
    expect(STATUS_RETENTION_MS - ALARM_AFTER_MS).toBe(90 * 60_000);
  });

  it('is due half an hour after the last good answer, and not a millisecond before', () => {
    const dueAtMs = Date.parse('2026-01-15T14:00:00.000Z');
    expect(isAtRisk(seen('queued'), dueAtMs - 1)).toBe(false);
    expect(isAtRisk(seen('queued'), dueAtMs)).toBe(true);
  });

  it('is due half an hour after the start where there was no good answer', () => {
    expect(isAtRisk({ startedAt }, Date.parse('2026-01-15T12:29:59.999Z'))).toBe(false);
    expect(isAtRisk({ startedAt }, Date.parse('2026-01-15T12:30:00.000Z'))).toBe(true);
  });

  it('is always due before the outcome is not safe any more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 * STATUS_RETENTION_MS }),
        fc.constantFrom('queued', 'odd'),
        (ms, status) => {
          const nowMs = Date.parse(startedAt) + ms;
          const call = seen(status, startedAt);
          const isSafe = nowMs < Date.parse(outcomeSafeUntil(call)!);
          return isSafe || isAtRisk(call, nowMs);
        },
      ),
    );
  });
});
