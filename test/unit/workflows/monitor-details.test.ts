import { expect, test } from 'vitest';

import type { MonitorProgress } from '../../../src/contract/monitor.js';
import type { FailureReason } from '../../../src/contract/outcome.js';
import { renderMonitorDetails } from '../../../src/workflows/monitor-details.js';

const FRESH: MonitorProgress = {
  callSid: 'OUT-1',
  phase: 'polling',
  polls: 0,
  timeline: [],
  startedAt: '2026-01-15T12:00:00.000Z',
  deadlineAt: '2026-01-15T16:00:00.000Z',
};
const observation = { status: 'ringing', rawStatus: 'RINGING', reason: '', observedAt: '2026-01-15T12:00:03.000Z' };

const SAFE: MonitorProgress = {
  ...FRESH,
  lastObservation: observation,
  timeline: [
    { status: 'queued', at: '2026-01-15T12:00:00.000Z' },
    { status: 'ringing', at: '2026-01-15T12:00:03.000Z' },
  ],
  outcomeSafeUntil: '2026-01-15T14:00:03.000Z',
};

const detailsOf = (progress: MonitorProgress, now = '2026-01-15T12:00:05.000Z', failure?: FailureReason): string[] =>
  renderMonitorDetails(progress, Date.parse(now), failure).split('\n\n');

test('before the first observation the details show the call, the poll and the deadline, and nothing else', () => {
  expect(detailsOf(FRESH)).toEqual([
    'PolyAI outbound call `OUT-1`: **not observed yet**',
    'A poll is running. While it fails, its attempts and its last failure are under Pending Activities.',
    '- Polls: 0\n- The monitor gives up at 2026-01-15 16:00:00 UTC',
  ]);
});

test('the details of a long poll show the status as the API wrote it, since when, and where its latest poll is', () => {
  const [headline, phase, facts, title, changes] = detailsOf({ ...SAFE, phase: 'holding', polls: 2 });
  expect(headline).toBe('PolyAI outbound call `OUT-1`: **RINGING** since 2026-01-15 12:00:03 UTC');
  expect(phase).toMatch(/^A long poll is running.*last error.*Pending Activities/);
  expect(facts?.split('\n')).toEqual([
    '- Polls: 2, not counting those that the running long poll has not reported',
    '- An outage until 2026-01-15 14:00:03 UTC loses nothing: PolyAI keeps the status of a call for about 2 h after its end',
    '- The monitor gives up at 2026-01-15 16:00:00 UTC',
  ]);
  expect(title).toBe('Status changes:');
  expect(changes).toBe('- 2026-01-15 12:00:00 UTC: queued\n- 2026-01-15 12:00:03 UTC: ringing');
});

test('the details show the next poll and the last error if present', () => {
  const details = detailsOf({
    ...SAFE,
    phase: 'waiting',
    nextPollAt: '2026-01-15T12:00:06.000Z',
    lastError: { type: 'RateLimited', message: 'PolyAI answered *429*', at: '2026-01-15T12:00:04.000Z' },
  });
  expect(details).toContain(String.raw`Last error: RateLimited at 2026-01-15 12:00:04 UTC: PolyAI answered \*429\*`);
  expect(details.join('\n')).toContain('- Next poll: 2026-01-15 12:00:06 UTC');
});

test('a call that ended in failure shows its reason, and says nothing of outages and deadline', () => {
  const ended = { ...observation, status: 'failure', rawStatus: 'failure', reason: 'busy' };
  const timeline = [{ status: 'failure', at: observation.observedAt }];
  expect(detailsOf({ ...FRESH, phase: 'finished', polls: 4, lastObservation: ended, timeline })).toEqual([
    'PolyAI outbound call `OUT-1`: **failure** at 2026-01-15 12:00:03 UTC',
    'Reason: busy',
    'The call has ended, and with it this monitor.',
    '- Polls: 4',
    'Status changes:',
    '- 2026-01-15 12:00:03 UTC: failure',
  ]);
});

test('a failed monitor shows why, what to do, and the last error only if it is another one', () => {
  const lastError = { type: 'CallNotFound', message: 'PolyAI answered 404', at: '2026-01-15T12:00:04.000Z' };
  const failed: MonitorProgress = { ...FRESH, phase: 'failed', polls: 1, lastError };
  const [headline, reason, ...others] = detailsOf(failed, undefined, {
    type: 'CallNotFound',
    message: 'PolyAI answered 404',
  });
  expect(headline).toBe('PolyAI outbound call `OUT-1`: **never observed**');
  expect(reason).toMatch(/^\*\*The monitor failed\.\*\* CallNotFound: PolyAI answered 404\. Check the call SID/);
  expect(others).toEqual(['- Polls: 1']);
  const late = detailsOf(failed, undefined, { type: 'MonitorDeadlineExceeded', message: 'too late' }).join('\n');
  expect(late).toContain('**The monitor failed.** MonitorDeadlineExceeded: too late.');
  expect(late).toContain('Last error: CallNotFound');
});

test('a failed monitor that still saves its outcome shows both', () => {
  const details = detailsOf({ ...FRESH, phase: 'saving' }, undefined, { type: 'Unauthorized', message: '401' });
  expect(details.join('\n')).toMatch(/The monitor failed\..*401.*\n.*saves the outcome/);
});

test('the details of a credential hold show its start and the remedy', () => {
  const details = detailsOf({
    ...SAFE,
    phase: 'credential-hold',
    credentialRefusedSince: '2026-01-15T12:30:00.000Z',
  });
  expect(details).toContain(
    '⚠️ The API has rejected the token since 2026-01-15 12:30:00 UTC. Replace it on the worker.',
  );
});

test.each([
  ['api-unreachable', 'The API does not answer with a status'],
  ['no-worker', 'start workers'],
] as const)('the details warn from half an hour after the last observation: %s', (alarm, advice) => {
  expect(detailsOf(SAFE, '2026-01-15T12:30:02.999Z').join('')).not.toContain('⚠️');
  const warning = detailsOf({ ...SAFE, alarm }, '2026-01-15T12:30:03.000Z').find((part) => part.startsWith('⚠️'));
  expect(warning).toMatch(
    /^⚠️ No observation for 30 min or more\. .* After 2026-01-15 14:00:03 UTC PolyAI may no longer/,
  );
  expect(warning).toContain(advice);
});

test('an outage that may have cost the outcome is not called harmless', () => {
  expect(detailsOf(SAFE, '2026-01-15T14:00:03.000Z').join('\n')).not.toContain('loses nothing');
});

test.each(['saving', 'finished', 'cancelled', 'failed'] as const)(
  'a monitor that is %s says nothing of outages, for it asks no more',
  (phase) => {
    expect(detailsOf({ ...SAFE, phase }, '2026-01-15T13:59:00.000Z').join('\n')).not.toMatch(/outage|⚠️|gives up/);
  },
);

test('the details with the longest timeline stay below 20,000 bytes', () => {
  const timeline = Array.from({ length: 100 }, (_, index) => ({
    status: `${String(index).padStart(3, '0')}${'x'.repeat(61)}`,
    at: '2026-01-15T12:00:00.000Z',
  }));
  const lastError = { type: 'PolyAiUnavailable', message: 'x'.repeat(520), at: '2026-01-15T12:00:00.000Z' };
  const details = renderMonitorDetails({ ...SAFE, timeline, lastError }, 0);
  expect(Buffer.byteLength(details)).toBeLessThan(20_000);
});

test('special characters in a status break neither the list nor the Markdown', () => {
  const status = '# a|b\n# *c*';
  const timeline = [{ status, at: '2026-01-15T12:00:00.000Z' }];
  const lastObservation = { ...observation, status, rawStatus: status, reason: status };
  const details = detailsOf({ ...FRESH, timeline, lastObservation });
  expect(details[0]).toContain(String.raw`**\# a\|b \# \*c\*** since`);
  expect(details).toContain(String.raw`Reason: \# a\|b \# \*c\*`);
  expect(details.at(-1)).toBe(String.raw`- 2026-01-15 12:00:00 UTC: \# a\|b \# \*c\*`);
});
