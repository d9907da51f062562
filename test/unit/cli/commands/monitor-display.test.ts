import { describe, expect, it } from 'vitest';

import { createMonitorDisplay, renderChange, renderLiveLine } from '../../../../src/cli/commands/monitor-display.js';
import type { MonitorDescription } from '../../../../src/client.js';
import type { MonitorProgress } from '../../../../src/contract/monitor.js';

const CLEARED = '\r\x1b[2K';
const STARTED_AT = new Date();

const VIEW: MonitorDescription = {
  callSid: 'OUT-1',
  state: 'RUNNING',
  taskQueue: 'calls',
  startedAt: STARTED_AT,
};

const PROGRESS: MonitorProgress = {
  callSid: 'OUT-1',
  phase: 'waiting',
  polls: 3,
  timeline: [],
  startedAt: STARTED_AT.toISOString(),
  deadlineAt: STARTED_AT.toISOString(),
  lastObservation: { status: 'calling', rawStatus: 'CALLING', reason: '', observedAt: STARTED_AT.toISOString() },
};

/** As `look` gives it when a worker answers. */
const KNOWN: MonitorDescription = { ...VIEW, callStatus: 'CALLING', progress: PROGRESS };

function shownOn({ isTTY, columns = 200 }: { isTTY: boolean; columns?: number }, views: readonly MonitorDescription[]) {
  let output = '';
  const stream = { isTTY, columns, write: (text: string) => void (output += text) };
  const display = createMonitorDisplay(stream as unknown as NodeJS.WriteStream);
  for (const view of views) display.show(view);
  display.end();
  return output;
}

describe('the display of a monitor', () => {
  it('prints a line for each change without a terminal, and none for a poll without a change', () => {
    const polled = { ...PROGRESS, polls: 4, phase: 'polling' } as const;
    const views: MonitorDescription[] = [
      { ...VIEW, noWorker: true },
      { ...KNOWN, polls: 3 },
      { ...KNOWN, progress: polled, polls: 4 },
    ];
    expect(shownOn({ isTTY: false }, views)).toBe(
      'OUT-1: not observed yet; no worker is polling task queue "calls" (run one: temporal-polyai worker)\nOUT-1: CALLING\n',
    );
  });

  it('does not say that no worker polls the task queue where it knows only that none answers', () => {
    expect(shownOn({ isTTY: false }, [VIEW])).toBe(
      'OUT-1: not observed yet; no worker of task queue "calls" answers\n',
    );
  });

  it('updates one line on a terminal, and clears it at the end', () => {
    const nextPollAt = new Date(Date.now() + 2_000).toISOString();
    const output = shownOn({ isTTY: true }, [{ ...KNOWN, progress: { ...PROGRESS, nextPollAt }, polls: 3 }]);
    const [before, line, after] = output.split(CLEARED);
    expect([before, after]).toEqual(['', '']);
    expect(line).toMatch(/^CALLING · waiting · 3 polls · \d+ ms · next poll in 2 s$/);
  });

  it('cuts the line off so that it never wraps', () => {
    const output = shownOn({ isTTY: true, columns: 10 }, [VIEW]);
    expect(output).toBe(`${CLEARED}not obser${CLEARED}`);
  });

  it('shows the attempt and the last failure of a poll that is being retried, in one line without escape sequences', () => {
    const pendingPoll = { attempt: 3, lastFailure: { type: 'PolyAiUnavailable', message: 'answered\n\x1b[31m503' } };
    expect(shownOn({ isTTY: false }, [{ ...KNOWN, pendingPoll }])).toBe(
      'OUT-1: CALLING; attempt 3 after PolyAiUnavailable: answered 503\n',
    );
  });

  it('shows that the API rejects the token', () => {
    const lastError = { type: 'Unauthorized', message: 'PolyAI answered 401', at: '2026-01-01T00:00:00.000Z' };
    const held = { ...PROGRESS, credentialRefusedSince: '2026-01-01T00:00:00.000Z', lastError };
    expect(shownOn({ isTTY: false }, [{ ...KNOWN, progress: held }])).toBe(
      'OUT-1: CALLING; the API has rejected the token since 2026-01-01T00:00:00.000Z\n',
    );
  });
});

const MINUTE = 60_000;
const ANSWERED = Date.parse('2026-01-15T12:00:00.000Z');
const startedAt = new Date(ANSWERED);

const ANSWERED_PROGRESS: MonitorProgress = {
  callSid: 'OUT-1',
  phase: 'waiting',
  polls: 3,
  timeline: [],
  startedAt: startedAt.toISOString(),
  deadlineAt: '2026-01-15T16:00:00.000Z',
};
const ANSWERED_VIEW: MonitorDescription = {
  callSid: 'OUT-1',
  state: 'RUNNING',
  taskQueue: 'calls',
  startedAt,
  callStatus: 'calling',
  progress: ANSWERED_PROGRESS,
  outcomeSafeUntil: new Date('2026-01-15T14:00:00.000Z'),
};
const failing: MonitorDescription = {
  ...ANSWERED_VIEW,
  progress: { ...ANSWERED_PROGRESS, lastError: { type: 'PolyAiUnavailable', message: 'answered 503', at: '' } },
};

describe('the lines of a monitor without observations', () => {
  it('say nothing of outages while polls succeed', () => {
    expect(renderLiveLine(ANSWERED_VIEW, ANSWERED + 5_000)).toBe('calling · waiting · 5 s');
    expect(renderChange(ANSWERED_VIEW, ANSWERED + 5_000)).toBe('OUT-1: calling');
  });

  it('say how long an outage may last in the live line only, because that changes with each poll', () => {
    expect(renderLiveLine(failing, ANSWERED + 10 * MINUTE)).toMatch(/503 · an outage may last another 1 h 50 min$/);
    expect(renderChange(failing, ANSWERED + 29 * MINUTE)).toBe(renderChange(failing, ANSWERED + 10 * MINUTE));
  });

  it.each([renderLiveLine, renderChange])('warn half an hour after the last observation (%s)', (render) => {
    const warned = '⚠ no observation for 30 min or more: the outcome may be lost after 2026-01-15T14:00:00.000Z';
    expect(render(failing, ANSWERED + 30 * MINUTE - 1)).not.toContain('⚠');
    expect(render(failing, ANSWERED + 30 * MINUTE)).toContain(warned);
    expect(render(failing, ANSWERED + 119 * MINUTE)).toContain(warned);
    expect(render(failing, ANSWERED + 119 * MINUTE)).not.toContain('another');
  });

  it('say after two hours that the outcome may be lost already', () => {
    const { progress: _, ...nobody } = ANSWERED_VIEW;
    expect(renderChange(nobody, ANSWERED + 120 * MINUTE)).toMatch(
      /no worker of task queue .* answers.*the outcome may be lost since 2026-01-15T14:00:00\.000Z$/,
    );
  });

  it('leave the warning out for progress from an earlier version of the worker', () => {
    const { outcomeSafeUntil: _, ...old } = failing;
    expect(renderChange(old, ANSWERED + 60 * MINUTE)).not.toContain('⚠');
    expect(renderLiveLine(old, ANSWERED + 60 * MINUTE)).not.toContain('outage');
  });
});
