import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createActivities, PolyAiError } from '../../../src/activities.js';
import type { GetStatusInput, GetStatusResult } from '../../../src/contract/get-status.js';

const logger = new DefaultLogger('ERROR');
const START = Date.UTC(2026, 0, 15, 12);
const HOLD = { forMs: 600_000, intervalMs: 3_000 };

let answers: Record<string, string | PolyAiError>;
let requests: string[];
let getStatus: (input: GetStatusInput) => Promise<GetStatusResult>;

const polyAi = {
  getCallStatus: (callSid: string) => {
    requests.push(callSid);
    const answer = answers[callSid] ?? 'calling';
    return answer instanceof PolyAiError ? Promise.reject(answer) : Promise.resolve({ status: answer, reason: '' });
  },
};

/** One `getStatus` of a monitor's run. */
function run(input: GetStatusInput, runId = 'run-1') {
  const info = { workflowExecution: { workflowId: 'monitor', runId }, scheduleToCloseTimeoutMs: 0 };
  const environment = new MockActivityEnvironment(info, { logger });
  const ended: Promise<GetStatusResult> = environment.run(getStatus, input);
  ended.catch(() => undefined);
  return { ended, cancel: () => environment.cancel() };
}

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  answers = {};
  requests = [];
  ({ getStatus } = createActivities({ polyAi, callsAtOnce: 2 }));
});
afterEach(() => void vi.useRealTimers());

test('a poll ends the hold of the same call and run, and tells what that one saw', async () => {
  answers['OUT-1'] = 'queued';
  const held = run({ callSid: 'OUT-1', hold: HOLD });
  await vi.advanceTimersByTimeAsync(4_000);
  answers['OUT-1'] = 'calling';

  const { polls, changes } = await run({ callSid: 'OUT-1', resumes: true }).ended;

  expect(changes?.map(({ status }) => status)).toEqual(['queued', 'calling']);
  expect(polls).toBe(requests.length);
  await held.ended;
  const before = requests.length;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(requests).toHaveLength(before);
});

test('what was seen outlives a second poll that is cut short too', async () => {
  void run({ callSid: 'OUT-1', hold: HOLD });
  await vi.advanceTimersByTimeAsync(4_000);
  answers['OUT-1'] = new PolyAiError('503', { kind: 'PolyAiUnavailable' });
  await expect(run({ callSid: 'OUT-1', resumes: true }).ended).rejects.toMatchObject({ type: 'PolyAiUnavailable' });
  answers['OUT-1'] = new PolyAiError('404', { kind: 'CallNotFound' });

  const last = run({ callSid: 'OUT-1', resumes: true });

  await expect(last.ended).rejects.toMatchObject({
    type: 'CallNotFound',
    details: [{ observation: { status: 'calling' }, polls: requests.length }],
  });
});

test('what a cancelled hold saw is there for the poll after the cancellation', async () => {
  const held = run({ callSid: 'OUT-1', hold: HOLD });
  await vi.advanceTimersByTimeAsync(0);
  held.cancel();
  await expect(held.ended).rejects.toBeInstanceOf(CancelledFailure);
  expect(await run({ callSid: 'OUT-1', resumes: true }).ended).toMatchObject({ polls: 2 });
});

test('what the monitor has heard is not told again', async () => {
  answers['OUT-1'] = 'success';
  await run({ callSid: 'OUT-1', hold: HOLD }).ended;
  expect(await run({ callSid: 'OUT-1', resumes: true }).ended).toMatchObject({ polls: 1 });
});

test('neither another call of the same run nor another run of the same call is taken over', async () => {
  void run({ callSid: 'OUT-1', hold: HOLD });
  await vi.advanceTimersByTimeAsync(0);
  expect(await run({ callSid: 'OUT-2', resumes: true }).ended).toMatchObject({ polls: 1 });
  expect(await run({ callSid: 'OUT-1', resumes: true }, 'run-2').ended).toMatchObject({ polls: 1 });
  const before = requests.length;
  await vi.advanceTimersByTimeAsync(4_000);
  expect(requests.slice(before)).toEqual(['OUT-1']);
});

test('with more calls than it may hold, a worker has the longest held make room', async () => {
  const held = ['OUT-1', 'OUT-2', 'OUT-3', 'OUT-4'].map((callSid) => run({ callSid, hold: HOLD }, callSid));
  await vi.advanceTimersByTimeAsync(0);
  for (const { ended } of held.slice(0, 2)) expect(await ended).toMatchObject({ observation: { status: 'calling' } });
  requests = [];
  await vi.advanceTimersByTimeAsync(4_000);
  expect(new Set(requests)).toEqual(new Set(['OUT-3', 'OUT-4']));
});

test('calls that came in an outage make room as soon as they are answered', async () => {
  const down = new PolyAiError('503', { kind: 'PolyAiUnavailable' });
  const callSids = ['OUT-1', 'OUT-2', 'OUT-3', 'OUT-4'];
  for (const callSid of callSids) answers[callSid] = down;
  const hold = { ...HOLD, knownStatus: 'calling' };
  const held = callSids.map((callSid) => run({ callSid, hold }, callSid));
  let returned = 0;
  for (const { ended } of held) void ended.then(() => (returned += 1));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(returned).toBe(0);
  answers = {};
  await vi.advanceTimersByTimeAsync(40_000);
  expect(returned).toBe(2);
});
