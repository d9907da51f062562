import { expect, test } from 'vitest';

import type { StatusReport } from '../../../src/contract/get-status.js';
import { parseStatusReport, StatusReports } from '../../../src/workflows/status-reports.js';

const REPORT: StatusReport = {
  reportAs: 1,
  polls: 3,
  observation: { status: 'calling', rawStatus: 'calling', reason: '', observedAt: '2026-01-15T12:00:00.000Z' },
  changes: [{ status: 'calling', at: '2026-01-15T12:00:00.000Z' }],
};

test('polls are counted once, however often they are reported', () => {
  const reports = new StatusReports();
  const number = reports.begin();
  expect([1, 1, 4, 3, 4].map((polls) => reports.count(number, polls))).toEqual([1, 0, 3, 0, 0]);
  expect(reports.countedOfLatest).toBe(4);
  expect(reports.complete(6)).toBe(2);
  expect(reports.countedOfLatest).toBe(0);
});

test('a retry that lost count counts nothing twice', () => {
  const reports = new StatusReports();
  reports.count(reports.begin(), 20);
  expect(reports.complete(2)).toBe(0);
});

test('the last report of an interrupted getStatus counts until the next one has returned', () => {
  const reports = new StatusReports();
  const interrupted = reports.begin();
  reports.count(interrupted, 2);
  reports.begin();
  expect(reports.isCurrent({ reportAs: interrupted })).toBe(true);
  expect(reports.count(interrupted, 5)).toBe(3);
  expect(reports.countedOfLatest).toBe(0);
  expect(reports.complete(1)).toBe(1);
  expect(reports.isCurrent({ reportAs: interrupted })).toBe(false);
});

test('neither a report that its result has overtaken nor one of a getStatus that has not begun is current', () => {
  const reports = new StatusReports();
  const number = reports.begin();
  expect(reports.isCurrent({ reportAs: number })).toBe(true);
  reports.complete(4);
  expect(reports.isCurrent({ reportAs: number })).toBe(false);
  expect(reports.isCurrent({ reportAs: number + 1 })).toBe(false);
});

test('a well-formed report is accepted', () => {
  expect(parseStatusReport(REPORT)).toEqual(REPORT);
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['text', 'calling'],
  ['a list', [REPORT]],
  ['no number', { ...REPORT, reportAs: undefined }],
  ['a negative number of polls', { ...REPORT, polls: -1 }],
  ['polls that are no number', { ...REPORT, polls: '3' }],
  ['no observation', { ...REPORT, observation: undefined }],
  ['an observation without a time', { ...REPORT, observation: { ...REPORT.observation, observedAt: undefined } }],
  ['a status that is no text', { ...REPORT, observation: { ...REPORT.observation, status: 7 } }],
  ['no changes', { ...REPORT, changes: undefined }],
  ['a change without a time', { ...REPORT, changes: [{ status: 'calling' }] }],
])('%s is no report', (_, input) => {
  expect(parseStatusReport(input)).toBeUndefined();
});
