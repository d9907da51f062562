import { expect, test } from 'vitest';

import { asJson, type CheckResult, renderResult, renderSummary } from '../../../../src/cli/doctor/report.js';

const fine: CheckResult = { name: 'temporal', state: 'ok', found: 'it answers' };
const failing: CheckResult = { name: 'worker', state: 'failure', found: 'nobody\npolls', remedy: 'start one' };
const doubtful: CheckResult = { name: 'store', state: 'warning', found: 'off', remedy: 'set it' };
const skipped: CheckResult = { name: 'clock', state: 'not-checked', found: 'because it is away' };

test('what is fine takes one line, and what is not a second one with what to do', () => {
  expect(renderResult(fine, 8)).toBe('ok           temporal  it answers');
  expect(renderResult(failing, 8)).toBe(`FAILURE      worker    nobody polls\n${' '.repeat(23)}→ start one`);
  expect(renderResult(skipped, 8)).toBe('not checked  clock     because it is away');
});

test('the summary counts', () => {
  expect(renderSummary([fine, fine, doubtful])).toBe('2 ok, 1 warning, 0 failures');
  expect(renderSummary([failing, failing, skipped])).toBe('0 ok, 0 warnings, 2 failures, 1 not checked');
});

test('as JSON the report is ok unless something fails', () => {
  expect(JSON.parse(asJson([fine, doubtful, skipped]))).toEqual({ ok: true, checks: [fine, doubtful, skipped] });
  expect(JSON.parse(asJson([fine, failing]))).toMatchObject({ ok: false });
});
