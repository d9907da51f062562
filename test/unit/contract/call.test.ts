import fc from 'fast-check';
import { expect, test } from 'vitest';

import { classifyCallStatus, IN_PROGRESS_STATUSES, isCallSid, TERMINAL_STATUSES } from '../../../src/contract/call.js';

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

test('classifies a known status alike in every letter case', () => {
  const cased = fc.constantFrom(...KNOWN).chain((word) => fc.mixedCase(fc.constant(word)));
  fc.assert(
    fc.property(cased, (rawStatus) => {
      expect(classifyCallStatus(rawStatus)).toEqual(classifyCallStatus(rawStatus.toLowerCase()));
      expect(classifyCallStatus(rawStatus).kind).not.toBe('unknown');
    }),
  );
});

test('classifies no status but the two as terminal', () => {
  fc.assert(
    fc.property(fc.string(), (word) => {
      const isFinal = ['success', 'failure'].includes(word.trim().toLowerCase());
      expect(classifyCallStatus(word).kind === 'terminal').toBe(isFinal);
    }),
  );
});

const SID_CHARACTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
const tail = fc.string({ unit: fc.constantFrom(...SID_CHARACTERS), minLength: 1, maxLength: 124 });

test.each([
  'OUT-550e8400-e29b-41d4-a716-446655440000',
  'OUT-1',
  'OUT-a_b-C',
  'OUT--',
  `OUT-${'x'.repeat(124)}`, // 128 characters in all
])('accepts %s as a call SID', (value) => {
  expect(isCallSid(value)).toBe(true);
});

test.each([
  ['nothing after the prefix', 'OUT-'],
  ['no prefix', '550e8400-e29b-41d4-a716-446655440000'],
  ['a prefix in lower case', 'out-1'],
  ['another prefix', 'CA-1'],
  ['something before the prefix', ' OUT-1'],
  ['a line break at the end', 'OUT-1\n'],
  ['a space', 'OUT-a b'],
  ['a slash', 'OUT-../status'],
  ['a dot', 'OUT-1.2'],
  ['a query', 'OUT-1?x=1'],
  ['a percent sign', 'OUT-%31'],
  ['a letter that is not ASCII', 'OUT-ä'],
  ['129 characters', `OUT-${'x'.repeat(125)}`],
  ['empty text', ''],
  ['a number', 1],
  ['nothing', undefined],
  ['null', null],
  ['a list that reads like one', ['OUT-1']],
])('rejects %s', (_what, value) => {
  expect(isCallSid(value)).toBe(false);
});

test('accepts any SID of the allowed characters, and rejects it with any other character in it', () => {
  const stranger = fc.string({ minLength: 1, maxLength: 1 }).filter((char) => !SID_CHARACTERS.includes(char));
  fc.assert(
    fc.property(tail, stranger, fc.nat(), (text, other, position) => {
      const at = position % (text.length + 1);
      expect(isCallSid(`OUT-${text}`)).toBe(true);
      expect(isCallSid(`OUT-${text.slice(0, at)}${other}${text.slice(at)}`)).toBe(false);
    }),
  );
});
