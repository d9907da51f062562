import { expect, test } from 'vitest';

import type { MonitorProgress } from '../../../src/contract/monitor.js';
import { escapeMarkdown, renderMonitorDetails } from '../../../src/workflows/visibility.js';

const FRESH: MonitorProgress = {
  callSid: 'OUT-1',
  phase: 'polling',
  polls: 0,
  timeline: [],
  startedAt: '2026-01-15T12:00:00.000Z',
  deadlineAt: '2026-01-15T16:00:00.000Z',
};
const observation = { status: 'ringing', rawStatus: 'RINGING', reason: '', observedAt: '2026-01-15T12:00:03.000Z' };

const detailsOf = (progress: MonitorProgress, now = '2026-01-15T12:00:05.000Z'): string =>
  renderMonitorDetails(progress, Date.parse(now));

test('before the first observation the details show the call, the phase, the polls and the deadline', () => {
  const details = detailsOf(FRESH);
  for (const part of ['not observed yet', '`OUT-1`', 'polling', '0 polls', 'Deadline: 2026-01-15T16:00:00.000Z']) {
    expect(details).toContain(part);
  }
  for (const part of ['Reason', 'Next poll', 'rejected', 'Last error', 'outage', '|---|', 'undefined']) {
    expect(details).not.toContain(part);
  }
});

test('the details show the status as the API wrote it', () => {
  expect(detailsOf({ ...FRESH, lastObservation: observation })).toContain('**RINGING**');
});

test('the details show the reason, the next poll and the last error if present', () => {
  const details = detailsOf({
    ...FRESH,
    lastObservation: { ...observation, reason: 'no answer' },
    nextPollAt: '2026-01-15T12:00:06.000Z',
    lastError: { type: 'RateLimited', message: 'PolyAI answered 429', at: '2026-01-15T12:00:04.000Z' },
  });
  expect(details).toContain('Reason: no answer');
  expect(details).toContain('Next poll: 2026-01-15T12:00:06.000Z');
  expect(details).toContain('Last error: RateLimited at 2026-01-15T12:00:04.000Z: PolyAI answered 429');
});

test('the details of a credential hold show its start and the remedy', () => {
  const details = detailsOf({ ...FRESH, credentialRefusedSince: '2026-01-15T12:30:00.000Z' });
  expect(details).toMatch(/has rejected the token since 2026-01-15T12:30:00\.000Z.*Replace/);
});

const SAFE: MonitorProgress = {
  ...FRESH,
  lastObservation: observation,
  outcomeSafeUntil: '2026-01-15T14:00:03.000Z',
};

test('the details show how long an outage may last, without a warning while polls succeed', () => {
  const lines = detailsOf(SAFE).split('\n');
  expect(lines.filter((line) => line.includes('an outage may last until 2026-01-15T14:00:03.000Z'))).toHaveLength(1);
  expect(lines.join('')).not.toContain('⚠️');
});

test('the details warn from half an hour after the last observation', () => {
  expect(detailsOf(SAFE, '2026-01-15T12:30:02.999Z')).not.toContain('⚠️');
  expect(detailsOf(SAFE, '2026-01-15T12:30:03.000Z')).toMatch(
    /^⚠️ No observation for 30 min or more: an outage may last until 2026-01-15T14:00:03\.000Z/m,
  );
});

test.each(['saving', 'finished', 'cancelled', 'failed'] as const)(
  'a monitor that is %s says nothing of outages, for it asks no more',
  (phase) => {
    expect(detailsOf({ ...SAFE, phase }, '2026-01-15T13:59:00.000Z')).not.toContain('outage');
  },
);

test('the timeline is a table with one row for each change, oldest first', () => {
  const timeline = [
    { status: 'queued', at: '2026-01-15T12:00:00.000Z' },
    { status: 'calling', at: '2026-01-15T12:00:09.000Z' },
  ];
  const lines = detailsOf({ ...FRESH, timeline }).split('\n');
  const rows = lines.slice(lines.indexOf('|---|---|') + 1);
  expect(rows).toEqual(['| queued | 2026-01-15T12:00:00.000Z |', '| calling | 2026-01-15T12:00:09.000Z |']);
});

test('the details with the longest timeline stay below 20,000 bytes', () => {
  const timeline = Array.from({ length: 100 }, (_, index) => ({
    status: `${String(index).padStart(3, '0')}${'x'.repeat(61)}`,
    at: '2026-01-15T12:00:00.000Z',
  }));
  const lastError = { type: 'PolyAiUnavailable', message: 'x'.repeat(520), at: '2026-01-15T12:00:00.000Z' };
  const details = detailsOf({ ...FRESH, timeline, lastError, lastObservation: observation });
  expect(Buffer.byteLength(details)).toBeLessThan(20_000);
});

test('special characters in a status break neither the table nor the Markdown', () => {
  const status = 'a|b\n# c';
  const timeline = [{ status, at: '2026-01-15T12:00:00.000Z' }];
  const lastObservation = { ...observation, status, rawStatus: status };
  const lines = detailsOf({ ...FRESH, timeline, lastObservation }).split('\n');
  expect(lines.filter((line) => line.startsWith('#'))).toEqual([]);
  expect(lines.at(-1)).toMatch(/^\|[^|]*(\\\|[^|]*)*\| 2026-01-15T12:00:00\.000Z \|$/);
});

test('a status from outside is no Markdown in the summary of a timer or an activity', () => {
  expect(escapeMarkdown('[click](https://x)\n**now**')).toBe(String.raw`\[click\](https://x) \*\*now\*\*`);
});
