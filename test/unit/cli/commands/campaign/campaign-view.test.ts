import { describe, expect, it } from 'vitest';

import { renderCampaignLine, renderCampaignView } from '../../../../../src/cli/commands/campaign/campaign-view.js';
import { progressOf } from '../../../../support/campaign-samples.js';

const RUNNING = progressOf({
  contacts: { waiting: 780, dialling: 16, done: 1_004, failed: 150, ambiguous: 3, suppressed: 20, blocked: 27 },
  dispositions: { answered: 1_004, 'no-answer': 210 },
  settledLastHour: 600,
  estimatedEndAt: '2026-07-01T13:20:00.000Z',
});

describe('the view of a campaign', () => {
  it('shows state, bar, counts, pace, limits and problems', () => {
    const lines = renderCampaignView(
      {
        ...RUNNING,
        lastProblems: [
          { attemptId: 'a', contactId: 'c', state: 'ambiguous', reason: 'timed out', at: '2026-07-01T11:59:00.000Z' },
        ],
      },
      { columns: 100, callsPerMinute: 117.6, source: 'the database' },
    );
    expect(lines).toEqual([
      'spring: running',
      `${'█'.repeat(24)}${'░'.repeat(16)} 1,204 of 2,000 contacts settled (60 %)`,
      'waiting 780 · dialling 16 · done 1,004 · failed 150 · ambiguous 3 · suppressed 20 · blocked 27',
      'answered 1,004 · no-answer 210',
      '118 calls a minute · 600 settled in the last hour · ends about 13:20:00 UTC, in 1 h 20 min',
      '5 at once · 1 a second · rules version 2',
      '11:59:00 UTC ambiguous: timed out',
      'read 12:00:00 UTC from the database',
    ]);
  });

  it.each([20, 31, 40, 59, 80, 200])('has no line wider than %i columns, and loses no count', (columns) => {
    const lines = renderCampaignView(RUNNING, { columns, source: 'the database' });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.join(' · ')).toMatch(/waiting 780 .*dialling 16 .*blocked 27/);
  });

  it('names the day of what is not today, and no next contact that is due', () => {
    const lines = renderCampaignView(
      { ...RUNNING, nextDueAt: '2026-07-02T09:00:00.000Z' },
      { columns: 200, source: 'x' },
    );
    expect(lines.join('\n')).toContain('next contact due 2026-07-02 09:00:00 UTC');
    const due = renderCampaignView(
      { ...RUNNING, nextDueAt: '2026-07-01T11:00:00.000Z' },
      { columns: 200, source: 'x' },
    );
    expect(due.join('\n')).not.toContain('next contact due');
  });

  it('shows text from outside without escape sequences', () => {
    const paused = { ...RUNNING, state: 'paused', stateReason: 'lunch\u001b[2J\nnow' } as const;
    expect(renderCampaignLine(paused)).toMatch(/^paused \(lunch now\) · /);
  });

  it('shows 100 % only when all contacts are settled', () => {
    const one = progressOf({ contacts: { waiting: 1, done: 999 } });
    expect(renderCampaignLine(one)).toContain('999 of 1,000 contacts settled (99 %)');
    expect(renderCampaignLine(progressOf({ contacts: { done: 3 } }))).toContain('3 of 3 contacts settled (100 %)');
  });

  it('estimates nothing for a campaign that is over', () => {
    const over = { ...RUNNING, state: 'cancelled' } as const;
    expect(renderCampaignLine(over)).not.toContain('ends about');
  });
});
