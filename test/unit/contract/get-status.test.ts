import { expect, test } from 'vitest';

import {
  isGetStatusFailureDetails,
  isGetStatusResult,
  isPollProgress,
  isPollReport,
} from '../../../src/contract/get-status.js';

const observation = { status: 'calling', rawStatus: 'CALLING', reason: '', observedAt: '2026-01-15T12:00:00.000Z' };
const changes = [{ status: 'calling', at: '2026-01-15T12:00:00.000Z' }];
const lastError = { type: 'PolyAiUnavailable', message: 'no answer', at: '2026-01-15T12:00:03.000Z' };

test('a report, failure details and heartbeat details of this package are recognized', () => {
  for (const report of [{ polls: 0 }, { polls: 3, observation, changes }]) {
    expect(isPollReport(report)).toBe(true);
    expect(isGetStatusFailureDetails({ ...report, httpStatus: 429, retryAfterMs: 2_000 })).toBe(true);
  }
  expect(isGetStatusResult({ polls: 3, changes, handedBack: true, lastError })).toBe(true);
  expect(isPollProgress({ polls: 3, changes, errors: 0, observation })).toBe(true);
  expect(isPollProgress({ polls: 4, changes, errors: 1, lastError })).toBe(true);
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a list', [3]],
  ['no number of polls', { observation, changes }],
  ['NaN polls, which JSON makes null', { polls: null }],
  ['a fraction of a poll', { polls: 1.5 }],
  ['fewer than no polls', { polls: -1 }],
  ['an observation without its time', { polls: 1, observation: { ...observation, observedAt: undefined } }],
  ['changes that are no list', { polls: 1, changes: { 0: changes[0] } }],
  ['a change without its time', { polls: 1, changes: [{ status: 'calling' }] }],
])('%s is no report of polls, in a result, a failure or a heartbeat', (_what, value) => {
  expect(isPollReport(value)).toBe(false);
  expect(isGetStatusResult(value)).toBe(false);
  expect(isGetStatusFailureDetails(value)).toBe(false);
  expect(isPollProgress(value)).toBe(false);
});

test('heartbeat details without what a next attempt resumes from are not of this package', () => {
  expect(isPollProgress({ polls: 3, errors: 0 })).toBe(false);
  expect(isPollProgress({ polls: 3, changes })).toBe(false);
  expect(isPollProgress({ polls: 3, changes, errors: 1, lastError: 'no answer' })).toBe(false);
});

test('failure details with a malformed wait are not of this package', () => {
  for (const retryAfterMs of ['2 s', -1, null])
    expect(isGetStatusFailureDetails({ polls: 1, retryAfterMs })).toBe(false);
});

test('a result with a malformed last error is not of this package', () => {
  expect(isGetStatusResult({ polls: 1, handedBack: true, lastError: { ...lastError, at: undefined } })).toBe(false);
});
