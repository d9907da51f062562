import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import type { CampaignPlan } from '../../../../../src/campaigns/plan/campaign-plan.js';
import { openCampaignStore } from '../../../../../src/campaigns/open.js';
import { renderPlan, runPlan } from '../../../../../src/cli/commands/campaign/run-plan.js';
import { DEFAULT_CAMPAIGN_RULES } from '../../../../../src/contract/campaign-rules.js';
import { contactOf, startCampaignOf } from '../../../../support/campaign-samples.js';

function planOf(given: Partial<CampaignPlan> = {}): Omit<CampaignPlan, 'contacts'> {
  return {
    campaignId: 'spring',
    state: 'draft',
    rules: DEFAULT_CAMPAIGN_RULES,
    regionalEdition: '2026-11-29',
    limits: { callsAtOnce: 5, callsPerSecond: 1 },
    callLengthMs: 90_000,
    callsPerMinute: 10 / 3,
    from: '2026-07-01T12:00:00.000Z',
    until: '2026-07-15T12:00:00.000Z',
    dial: 0,
    later: 0,
    never: 0,
    hours: [],
    delays: {},
    reasons: {},
    ...given,
  };
}

describe('a plan as text', () => {
  it('says when the regional rules of the package are off', () => {
    const without = '  without the rules of countries and states that come with the package';
    expect(renderPlan(planOf({ regionalEdition: null })).split('\n')).toContain(without);
    expect(renderPlan(planOf()).split('\n')).not.toContain(without);
  });

  it('has the calls of each hour, and why somebody is not dialled', () => {
    const text = renderPlan(
      planOf({
        ...{ dial: 3, never: 2 },
        hours: [
          { from: '2026-07-01T12:00:00Z', calls: 2 },
          { from: '2026-07-02T09:00:00Z', calls: 1 },
        ],
        delays: { 'the calling window is closed': 1 },
        reasons: { 'no consent': 1, 'odd\u001b[2Jzone': 1 },
      }),
    );
    expect(text.split('\n')).toEqual([
      'spring: of 5 contacts 3 are dialled by 2026-07-15',
      '  5 calls at once and 1 a second, 1 min 30 s each: up to 3.33 a minute',
      '',
      'delayed by',
      '  1  the calling window is closed',
      '',
      'not dialled, because',
      '  1  no consent',
      '  1  oddzone',
      '',
      'hour (UTC), calls',
      `  2026-07-01 12:00  2  ${'█'.repeat(40)}`,
      `  2026-07-02 09:00  1  ${'█'.repeat(20)}`,
    ]);
  });

  it('says by when it looked ahead, if contacts are dialled later', () => {
    const reasons = { 'the limits of the account': 2 };
    expect(renderPlan(planOf({ later: 2, reasons })).split('\n')).toContain('not dialled by 2026-07-15, because');
  });

  it('has days instead of hours when it is long', () => {
    const hours = Array.from({ length: 72 }, (_, hour) => ({
      from: new Date(Date.parse('2026-07-01T00:00:00Z') + hour * 3_600_000).toISOString(),
      calls: 1,
    }));
    expect(renderPlan(planOf({ hours })).match(/^ {2}2026-07-0\d {2}24 /gm)).toHaveLength(3);
  });

  it('has no section that is empty', () => {
    expect(renderPlan(planOf()).split('\n')).toHaveLength(2);
  });
});

describe('a plan that takes long', () => {
  it('is given up when the process is interrupted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-plan-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const url = `sqlite:${join(folder, 'outcomes.sqlite')}`;
    const store = openCampaignStore(url);
    await startCampaignOf(store, { contacts: Array.from({ length: 1_000 }, (_, index) => contactOf(index)) });
    await store.close();
    vi.stubEnv('POLYAI_OUTCOMES_URL', url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => stderr.mockRestore());

    // As soon as the command listens.
    const interrupt = (name: string | symbol): void => {
      if (name === 'SIGHUP') setImmediate(() => process.emit('SIGHUP'));
    };
    process.on('newListener', interrupt);
    onTestFinished(() => void process.off('newListener', interrupt));
    const options = { callLengthMs: undefined, days: 14, contacts: undefined, output: undefined, json: false };
    expect(await runPlan({ campaignId: 'spring', flags: {}, ...options })).toBe(130);
    expect(stderr.mock.calls.map(([text]) => text)).toEqual(['interrupted\n']);
  });
});
