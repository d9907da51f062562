import { expect, test } from 'vitest';

import { renderChange, renderLiveLine } from '../../../../src/cli/monitor/display.js';
import type { MonitorDescription } from '../../../../src/client.js';
import type { MonitorProgress } from '../../../../src/contract/monitor.js';

const MINUTE = 60_000;
const ANSWERED = Date.parse('2026-01-15T12:00:00.000Z');
const startedAt = new Date(ANSWERED);

const PROGRESS: MonitorProgress = {
  callSid: 'OUT-1',
  phase: 'waiting',
  polls: 3,
  timeline: [],
  startedAt: startedAt.toISOString(),
  deadlineAt: '2026-01-15T16:00:00.000Z',
};
const VIEW: MonitorDescription = {
  callSid: 'OUT-1',
  state: 'RUNNING',
  taskQueue: 'calls',
  startedAt,
  callStatus: 'calling',
  progress: PROGRESS,
  outcomeSafeUntil: new Date('2026-01-15T14:00:00.000Z'),
};
const failing: MonitorDescription = {
  ...VIEW,
  progress: { ...PROGRESS, lastError: { type: 'PolyAiUnavailable', message: 'answered 503', at: '' } },
};

test('while answers come nothing is said of outages', () => {
  expect(renderLiveLine(VIEW, ANSWERED + 5_000)).toBe('calling · waiting · 5 s');
  expect(renderChange(VIEW, ANSWERED + 5_000)).toBe('OUT-1: calling');
});

test('in trouble the live line tells how long it may last, and the line for each change stays the same', () => {
  expect(renderLiveLine(failing, ANSWERED + 10 * MINUTE)).toMatch(/503 · an outage may last another 1 h 50 min$/);
  expect(renderChange(failing, ANSWERED + 29 * MINUTE)).toBe(renderChange(failing, ANSWERED + 10 * MINUTE));
});

test.each([renderLiveLine, renderChange])('half an hour after the last good answer both warn, once (%s)', (render) => {
  const warned = '⚠ no good answer for 30 min or more: the outcome may be lost after 2026-01-15T14:00:00.000Z';
  expect(render(failing, ANSWERED + 30 * MINUTE - 1)).not.toContain('⚠');
  expect(render(failing, ANSWERED + 30 * MINUTE)).toContain(warned);
  expect(render(failing, ANSWERED + 119 * MINUTE)).toContain(warned);
  expect(render(failing, ANSWERED + 119 * MINUTE)).not.toContain('another');
});

test('after two hours they say that it may be lost already', () => {
  const { progress: _, ...nobody } = VIEW;
  expect(renderChange(nobody, ANSWERED + 120 * MINUTE)).toMatch(
    /no worker is polling.*the outcome may be lost since 2026-01-15T14:00:00\.000Z$/,
  );
});

test('progress of a worker that knows nothing of it is shown as before', () => {
  const { outcomeSafeUntil: _, ...old } = failing;
  expect(renderChange(old, ANSWERED + 60 * MINUTE)).not.toContain('⚠');
  expect(renderLiveLine(old, ANSWERED + 60 * MINUTE)).not.toContain('outage');
});
