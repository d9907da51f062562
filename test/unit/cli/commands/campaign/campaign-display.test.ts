import { describe, expect, it } from 'vitest';

import { CallRate } from '../../../../../src/cli/commands/campaign/call-rate.js';
import { ChangeLines, LiveView } from '../../../../../src/cli/commands/campaign/campaign-display.js';
import type { CampaignProgress } from '../../../../../src/contract/campaign.js';
import { progressOf } from '../../../../support/campaign-samples.js';

const NOON_MS = Date.parse('2026-07-01T12:00:00Z');

/** A campaign of 100 contacts, some seconds after noon. */
function after(seconds: number, done: number, given: Partial<CampaignProgress> = {}): CampaignProgress {
  const { attempts } = progressOf({});
  const readAt = new Date(NOON_MS + seconds * 1_000).toISOString();
  return {
    ...progressOf({ contacts: { waiting: 100 - done, done }, attempts: { ...attempts, ended: done }, readAt }),
    ...given,
  };
}

class Screen {
  text = '';
  columns = 80;
  rows = 24;

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  /** What a terminal shows: a redraw goes up, and erases what is below. */
  get lines(): string[] {
    const shown: string[] = [];
    for (const [index, frame] of this.text.split('\u001b[').entries()) {
      const [, code, text = ''] = index === 0 ? [frame, '', frame] : (/^(\d*[AJ])([^]*)$/.exec(frame) ?? []);
      if (code?.endsWith('A')) shown.splice(shown.length - Number.parseInt(code));
      shown.push(...text.split('\n').slice(0, -1));
    }
    return shown;
  }
}

describe('a campaign that is watched on a terminal', () => {
  it('is redrawn in place', () => {
    const screen = new Screen();
    const view = new LiveView(screen, 'the database');
    for (const seconds of [0, 1, 2]) view.show(after(seconds, seconds));
    expect(screen.lines.filter((line) => line.startsWith('spring: '))).toEqual(['spring: running']);
    expect(screen.lines.join('\n')).toContain('2 of 100 contacts settled');
  });

  it('shows a problem above until it is over', () => {
    const screen = new Screen();
    const view = new LiveView(screen, 'the database');
    view.note('no worker polls');
    view.show(after(0, 1));
    expect(screen.lines[0]).toBe('no worker polls');
    view.note(undefined);
    expect(screen.lines[0]).toBe('spring: running');
  });

  it('fits a small window', () => {
    const screen = Object.assign(new Screen(), { columns: 24, rows: 6 });
    const view = new LiveView(screen, 'the database');
    view.show(after(0, 1));
    view.show(after(1, 2));
    expect(screen.lines).toHaveLength(5);
    expect(Math.max(...screen.lines.map(({ length }) => length))).toBeLessThanOrEqual(24);
  });
});

describe('a campaign that is watched in a log', () => {
  it('has a line for each change, at most one in five seconds', () => {
    const screen = new Screen();
    const lines = new ChangeLines(screen);
    for (let seconds = 0; seconds <= 12; seconds += 1) lines.show(after(seconds, seconds));
    expect(screen.text.match(/^2026-07-01T12:00:(\d\d)Z running/gm)).toHaveLength(3);
    for (let seconds = 13; seconds <= 30; seconds += 1) lines.show(after(seconds, 11));
    expect(screen.text.trim().split('\n')).toHaveLength(4);
  });

  it('has a change of the state at once, and a problem once', () => {
    const screen = new Screen();
    const lines = new ChangeLines(screen);
    lines.show(after(0, 1));
    lines.show(after(1, 1, { state: 'paused', stateReason: 'lunch' }));
    lines.note('no worker polls');
    lines.note('no worker polls');
    expect(screen.text.trim().split('\n')).toEqual([
      expect.stringContaining('running'),
      expect.stringContaining('paused (lunch)'),
      'no worker polls',
    ]);
  });
});

describe('the call rate', () => {
  it('is that of the last minute', () => {
    const rate = new CallRate();
    expect(rate.perMinute).toBeUndefined();
    rate.add(after(0, 0));
    rate.add(after(1, 1));
    expect(rate.perMinute).toBeUndefined();
    rate.add(after(30, 30));
    expect(rate.perMinute).toBe(60);
    rate.add(after(100, 30));
    rate.add(after(130, 40));
    expect(rate.perMinute).toBeCloseTo(20);
  });
});
