import { expect, test } from 'vitest';

import {
  type CheckResult,
  ok,
  jsonReportOf,
  renderResult,
  renderCounts,
  runCheck,
} from '../../../../src/cli/doctor/report.js';

const fine: CheckResult = { name: 'temporal', state: 'ok', found: 'it answers' };
const failing: CheckResult = { name: 'worker', state: 'failure', found: 'nobody\npolls', remedy: 'start one' };
const doubtful: CheckResult = { name: 'store', state: 'warning', found: 'off', remedy: 'set it' };
const skipped: CheckResult = { name: 'clock', state: 'not-checked', found: 'because it is away' };

test('a result has one line, and a second one for its remedy', () => {
  expect(renderResult(fine, 8)).toBe('ok           temporal  it answers');
  expect(renderResult(failing, 8)).toBe(`FAILURE      worker    nobody polls\n${' '.repeat(23)}→ start one`);
  expect(renderResult(skipped, 8)).toBe('not checked  clock     because it is away');
});

test('the summary counts the results in each state', () => {
  expect(renderCounts([fine, fine, doubtful])).toBe('2 ok, 1 warning, 0 failures');
  expect(renderCounts([failing, failing, skipped])).toBe('0 ok, 0 warnings, 2 failures, 1 not checked');
});

test('the JSON report is ok unless a check fails', () => {
  expect(jsonReportOf([fine, doubtful, skipped])).toEqual({
    ok: true,
    checks: [fine, doubtful, skipped],
  });
  expect(jsonReportOf([fine, failing])).toMatchObject({ ok: false });
});

test('a check that times out is a failure with its remedy, and is aborted', async () => {
  let isStopped = false;
  const finding = await runCheck({ timeoutMs: 50, remedy: 'look there' }, (signal) => {
    signal.addEventListener('abort', () => (isStopped = true));
    return new Promise(() => undefined);
  });
  expect(finding).toEqual({ state: 'failure', found: 'no answer within 50 ms', remedy: 'look there' });
  expect(isStopped).toBe(true);
});

test('an error of a check is a failure with its first line, and a gRPC error with its details', async () => {
  const limits = { timeoutMs: 5_000, remedy: 'look there' };
  const thrown = await runCheck(limits, () => Promise.reject(new Error('it broke\n    at somewhere')));
  expect(thrown).toEqual({ state: 'failure', found: 'it broke', remedy: 'look there' });
  const refused = Object.assign(new Error('7 PERMISSION_DENIED: no'), { code: 7, details: 'not for you' });
  expect((await runCheck(limits, () => Promise.reject(refused))).found).toBe('not for you');
});

test('a check that completes in time gives its finding', async () => {
  expect(await runCheck({ timeoutMs: 5_000, remedy: '' }, () => Promise.resolve(ok('fine')))).toEqual(ok('fine'));
});
