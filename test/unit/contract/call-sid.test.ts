import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isCallSid } from '../../../src/contract/call.js';

const SID_CHARACTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
const tail = fc.string({ unit: fc.constantFrom(...SID_CHARACTERS), minLength: 1, maxLength: 124 });

test.each([
  'OUT-550e8400-e29b-41d4-a716-446655440000',
  'OUT-1',
  'OUT-a_b-C',
  'OUT--',
  `OUT-${'x'.repeat(124)}`, // 128 characters in all
])('takes %s for a call SID', (value) => {
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
])('refuses %s', (_what, value) => {
  expect(isCallSid(value)).toBe(false);
});

test('takes any SID of the allowed characters, and refuses it with any other character in it', () => {
  const stranger = fc.string({ minLength: 1, maxLength: 1 }).filter((char) => !SID_CHARACTERS.includes(char));
  fc.assert(
    fc.property(tail, stranger, fc.nat(), (text, other, position) => {
      const at = position % (text.length + 1);
      expect(isCallSid(`OUT-${text}`)).toBe(true);
      expect(isCallSid(`OUT-${text.slice(0, at)}${other}${text.slice(at)}`)).toBe(false);
    }),
  );
});
