import { describe, expect, it } from 'vitest';

import type { Attempt, Contact } from '../../../../../src/campaigns/records.js';
import { paceOf, ReportCounts } from '../../../../../src/cli/commands/campaign/report-data.js';
import { renderReport } from '../../../../../src/cli/commands/campaign/report-page.js';
import { renderPlots } from '../../../../../src/cli/commands/campaign/report-plots.js';
import { numberOf, progressOf } from '../../../../support/campaign-samples.js';
import { readReportPage } from '../../../../support/report-page.js';

const HOSTILE = `</td><script>alert("x")</script>&'\u001b[2J`;

function contact(index: number, given: Partial<Contact> = {}): Contact {
  const contactId = `contact-${index}`;
  return {
    ...{
      contactId,
      number: numberOf(index),
      timeZones: ['America/New_York'],
      regions: ['US-NY'],
      consent: 'form',
      reference: `crm-${index}`,
    },
    ...{ variables: {}, state: 'done', reason: '' },
    ...given,
  };
}

function attempt(index: number, given: Partial<Attempt> = {}): Attempt {
  return {
    ...{
      attemptId: `attempt-${index}-${given.attempt ?? 1}`,
      contactId: `contact-${index}`,
      attempt: 1,
      state: 'ended',
    },
    ...{ epoch: 1, rulesVersion: 1, intendedAt: '2026-07-01T14:00:00.000Z', postedAt: '2026-07-01T14:00:01.000Z' },
    ...{ disposition: 'answered', reason: '' },
    ...given,
  };
}

function countsOf(contacts: readonly Contact[], attempts: readonly Attempt[]) {
  const counts = new ReportCounts();
  for (const one of contacts) counts.addContact(one);
  for (const one of attempts) counts.addAttempt(one);
  return counts.result();
}

const DATA = countsOf(
  [
    contact(1),
    contact(2, { state: 'failed', timeZones: ['Asia/Kathmandu', 'Etc/UTC'] }),
    contact(3, { state: 'ambiguous', reference: HOSTILE }),
    contact(4, { state: 'blocked', timeZones: ['Mars/Olympus'] }),
    contact(5, { state: 'failed' }),
    contact(6),
  ],
  [
    attempt(1, { disposition: 'busy' }),
    attempt(1, { attempt: 2, disposition: 'answered', postedAt: '2026-07-01T15:30:00.000Z' }),
    attempt(2, { disposition: 'unclassified' }),
    attempt(3, { state: 'ambiguous', postedAt: undefined, disposition: undefined, reason: HOSTILE }),
    attempt(5, { state: 'not_sent', postedAt: undefined, disposition: 'invalid-number' }),
    // Ambiguous until it was reported how the call ended.
    attempt(6, { disposition: 'human', postedAt: undefined, postingAt: '2026-07-01T14:00:01.000Z' }),
  ],
);

describe('the report of a campaign', () => {
  it('counts contacts, calls by attempt, and hours of the day where the contact is', () => {
    expect(DATA).toMatchObject({
      funnel: [
        { step: 'imported', contacts: 6 },
        { step: 'called', contacts: 3 },
        { step: 'reached', contacts: 2 },
      ],
      contacts: { done: 2, failed: 2, ambiguous: 1, blocked: 1 },
      attempts: { ended: 4, ambiguous: 1, not_sent: 1 },
      byAttempt: [
        { attempt: 1, disposition: 'busy', calls: 1 },
        { attempt: 1, disposition: 'unclassified', calls: 1 },
        { attempt: 1, disposition: 'human', calls: 1 },
        { attempt: 2, disposition: 'answered', calls: 1 },
      ],
      callsPerContact: [
        { calls: 0, contacts: 3 },
        { calls: 1, contacts: 2 },
        { calls: 2, contacts: 1 },
      ],
      ended: 4,
      answered: 2,
      unclassified: 1,
      ambiguousTotal: 1,
    });
    // 14:00 and 15:30 UTC are 10:00 and 11:30 in New York, and 19:45 in Kathmandu.
    expect(DATA.byHour.filter(({ calls }) => calls > 0)).toEqual([
      { hour: 10, calls: 2, answered: 1 },
      { hour: 11, calls: 1, answered: 1 },
      { hour: 19, calls: 1, answered: 0 },
    ]);
  });

  it('is one page without scripts that shows text from outside as text', () => {
    const page = renderReport({
      progress: progressOf({ stateReason: HOSTILE }),
      data: DATA,
      plots: renderPlots(DATA),
      withNumbers: false,
    });
    const { document } = readReportPage(page);
    expect(document.querySelectorAll('script, link, img, iframe')).toHaveLength(0);
    expect(page).not.toMatch(/\son\w+=|<script/i);
    expect(page).not.toContain('\u001b');
    expect(page).not.toMatch(/(?:src|href)="/);
    const cells = [...document.querySelectorAll('section:last-of-type td')].map((cell) => cell.textContent);
    expect(cells.filter((cell) => cell.startsWith('</td><script>alert("x")</script>&\''))).toHaveLength(2);
    expect(document.querySelectorAll('svg').length).toBeGreaterThanOrEqual(7);
  });

  it('has the numbers of its plots in tables, for programs', () => {
    const { summary, tables } = readReportPage(
      renderReport({ progress: progressOf({}), data: DATA, plots: renderPlots(DATA), withNumbers: false }),
    );
    expect(summary).toEqual({
      'contacts reached': [2, 6],
      'calls answered': [2, 4],
      'calls unclassified': [1, 4],
      'ambiguous attempts': [1],
    });
    expect(tables).toMatchObject({
      reached: [
        ['imported', 6],
        ['called', 3],
        ['reached', 2],
      ],
      'calls-to-each-contact': [
        [0, 3],
        [1, 2],
        [2, 1],
      ],
      hours: [
        ['10:00', 2, 1],
        ['11:00', 1, 1],
        ['19:00', 1, 0],
      ],
      pace: [
        ['2026-07-01T14:00:00.000Z', '2026-07-01T14:01:00.000Z', 3],
        ['2026-07-01T15:30:00.000Z', '2026-07-01T15:31:00.000Z', 1],
      ],
    });
  });

  it('shows phone numbers only when it is told to', () => {
    const page = (withNumbers: boolean) =>
      renderReport({ progress: progressOf({}), data: DATA, plots: renderPlots(DATA), withNumbers });
    expect(page(false)).not.toContain(numberOf(3).slice(1));
    expect(page(true)).toContain(numberOf(3));
    expect(page(true)).not.toContain(numberOf(1));
  });

  it('is written for a campaign without contacts', () => {
    const data = countsOf([], []);
    const page = renderReport({ progress: progressOf({}), data, plots: renderPlots(data), withNumbers: false });
    const { document, summary } = readReportPage(page);
    expect(summary).toMatchObject({ 'contacts reached': [0, 0], 'calls answered': [0, 0] });
    expect(document.querySelector('#summary dd')?.textContent.trim()).toBe('0 of 0 (0 %)');
  });

  it.each([
    [1, 5_000],
    [60 * 60_000, 60_000],
    [7 * 24 * 3_600_000, 6 * 3_600_000],
    [400 * 24 * 3_600_000, 24 * 3_600_000],
  ])('divides %i ms of calls into spans of %i ms, the empty ones too', (lengthMs, stepMs) => {
    const beginMs = Date.parse('2026-07-01T00:00:00Z');
    const pace = paceOf([beginMs, beginMs, beginMs + lengthMs]);
    expect(pace[0]).toMatchObject({ from: new Date(beginMs), to: new Date(beginMs + stepMs) });
    expect(pace.reduce((sum, { calls }) => sum + calls, 0)).toBe(3);
    expect(pace).toHaveLength(Math.floor(lengthMs / stepMs) + 1);
  });
});
