import { expect, test } from 'vitest';

import type { CampaignProgress } from '../../../src/contract/campaign.js';
import { renderCampaignDetails } from '../../../src/workflows/campaign-details.js';

const PROGRESS: CampaignProgress = {
  campaignId: 'renewals',
  sequence: 7,
  databaseId: 'c2c6d8a0-7f0e-4a53-9a55-0b1f3a0c9d11',
  state: 'running',
  epoch: 1,
  rulesVersion: 2,
  limits: { callsAtOnce: 3, callsPerSecond: 0.5 },
  contacts: { waiting: 6, dialling: 1, done: 3, failed: 0, ambiguous: 0, suppressed: 0, blocked: 2, erased: 0 },
  attempts: { intended: 0, posting: 0, posted: 1, ended: 4, not_sent: 1, ambiguous: 0 },
  dispositions: { answered: 3, busy: 1 },
  settledLastHour: 5,
  nextDueAt: '2026-01-15T12:30:00.000Z',
  lastProblems: [
    { attemptId: 'a', contactId: 'c-7', state: 'not_sent', reason: '400 *bad*', at: '2026-01-15T12:00:00.000Z' },
  ],
  readAt: '2026-01-15T12:00:05.000Z',
};

test('the details of a campaign say where it is, and what its counts mean', () => {
  expect(renderCampaignDetails(PROGRESS).split('\n\n')).toEqual([
    'Call campaign `renewals`: **running**, 5 of 12 contacts settled, 1 being called',
    'Contacts are dialled as they become due. The updates `pause` and `cancel` stop new calls.',
    'Contacts:',
    '- 6 waiting: dialled when they are due\n- 1 dialling: being called\n- 3 done: a call succeeded\n' +
      '- 2 blocked: the rules never allow a call: no consent, no time zone or no calling window',
    'Attempts to call:',
    '- 1 posted: PolyAI accepted the call\n- 4 ended: the call has ended\n- 1 not_sent: PolyAI certainly did not dial',
    'How the calls ended:',
    '- 3 answered\n- 1 busy',
    'Last problems:',
    String.raw`- 2026-01-15 12:00:00 UTC, contact ` + '`c-7`' + String.raw`, not_sent: 400 \*bad\*`,
    '- Limits of the account: 3 calls at once, 0.5 a second\n- Rules: version 2\n- Contacts settled in the last hour: 5\n' +
      '- Next contact due: 2026-01-15 12:30:00 UTC\n- The database was read: 2026-01-15 12:00:05 UTC',
  ]);
});

test('a campaign with a rate shows when it is expected to end', () => {
  const details = renderCampaignDetails({ ...PROGRESS, estimatedEndAt: '2026-01-15T14:00:00.000Z' });
  expect(details).toContain('- Estimated end at the current rate: 2026-01-15 14:00:00 UTC');
});

test('a paused campaign shows why, and how it goes on', () => {
  const details = renderCampaignDetails({ ...PROGRESS, state: 'paused', stateReason: 'wrong *price*' });
  expect(details).toContain(String.raw`Reason: wrong \*price\*`);
  expect(details).toContain('The update `resume` lets it go on.');
});
