import fc from 'fast-check';
import { expect, test } from 'vitest';

import { classifyCallStatus, IN_PROGRESS_STATUSES, TERMINAL_STATUSES } from '../../../src/contract/call.js';

const KNOWN = [...IN_PROGRESS_STATUSES, ...TERMINAL_STATUSES];

test.each([
  ['queued', { kind: 'in-progress', status: 'queued' }],
  ['calling', { kind: 'in-progress', status: 'calling' }],
  ['success', { kind: 'terminal', status: 'success' }],
  ['failure', { kind: 'terminal', status: 'failure' }],
  ['QUEUED', { kind: 'in-progress', status: 'queued' }],
  ['Success', { kind: 'terminal', status: 'success' }],
  [' failure\n', { kind: 'terminal', status: 'failure' }],
  ['Ringing', { kind: 'unknown', status: 'ringing' }],
  ['completed', { kind: 'unknown', status: 'completed' }],
  ['successful', { kind: 'unknown', status: 'successful' }],
  ['not-success', { kind: 'unknown', status: 'not-success' }],
  ['toString', { kind: 'unknown', status: 'tostring' }],
  ['', { kind: 'unknown', status: '' }],
])('classifies %j as %j', (rawStatus, expected) => {
  expect(classifyCallStatus(rawStatus)).toEqual(expected);
});

test('classifies a known word alike in every letter case', () => {
  const cased = fc.constantFrom(...KNOWN).chain((word) => fc.mixedCase(fc.constant(word)));
  fc.assert(
    fc.property(cased, (rawStatus) => {
      expect(classifyCallStatus(rawStatus)).toEqual(classifyCallStatus(rawStatus.toLowerCase()));
      expect(classifyCallStatus(rawStatus).kind).not.toBe('unknown');
    }),
  );
});

test('takes no word but the two for terminal', () => {
  fc.assert(
    fc.property(fc.string(), (word) => {
      const isFinal = ['success', 'failure'].includes(word.trim().toLowerCase());
      expect(classifyCallStatus(word).kind === 'terminal').toBe(isFinal);
    }),
  );
});
