import { describe, expect, it } from 'vitest';

import { createDisplay } from '../../../../src/cli/monitor/display.js';
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
  const display = createDisplay(stream as unknown as NodeJS.WriteStream);
  for (const view of views) display.show(view);
  display.end();
  return output;
}

describe('the display of a monitor', () => {
  it('prints a line for each change where there is no terminal, and none for a mere poll', () => {
    const polled = { ...PROGRESS, polls: 4, phase: 'polling' } as const;
    const views = [VIEW, { ...KNOWN, polls: 3 }, { ...KNOWN, progress: polled, polls: 4 }];
    expect(shownOn({ isTTY: false }, views)).toBe(
      'OUT-1: no answer yet; no worker is polling task queue "calls" (run one: temporal-polyai worker)\nOUT-1: CALLING\n',
    );
  });

  it('keeps one line up to date on a terminal, and clears it at the end', () => {
    const nextPollAt = new Date(Date.now() + 2_000).toISOString();
    const output = shownOn({ isTTY: true }, [{ ...KNOWN, progress: { ...PROGRESS, nextPollAt }, polls: 3 }]);
    const [before, line, after] = output.split(CLEARED);
    expect([before, after]).toEqual(['', '']);
    expect(line).toMatch(/^CALLING · waiting · 3 polls · \d+ ms · next poll in 2 s$/);
  });

  it('never lets that line wrap', () => {
    const output = shownOn({ isTTY: true, columns: 10 }, [VIEW]);
    expect(output).toBe(`${CLEARED}no answer${CLEARED}`);
  });

  it('shows the attempt and the last failure of a poll that is being retried, in one line whatever it holds', () => {
    const pendingPoll = { attempt: 3, lastFailure: { type: 'PolyAiUnavailable', message: 'answered\n\x1b[31m503' } };
    expect(shownOn({ isTTY: false }, [{ ...KNOWN, pendingPoll }])).toBe(
      'OUT-1: CALLING; attempt 3 after PolyAiUnavailable: answered 503\n',
    );
  });

  it('shows that the API refuses the token', () => {
    const lastError = { type: 'Unauthorized', message: 'PolyAI answered 401', at: '2026-01-01T00:00:00.000Z' };
    const held = { ...PROGRESS, credentialRefusedSince: '2026-01-01T00:00:00.000Z', lastError };
    expect(shownOn({ isTTY: false }, [{ ...KNOWN, progress: held }])).toBe(
      'OUT-1: CALLING; the API refuses the token since 2026-01-01T00:00:00.000Z\n',
    );
  });
});
