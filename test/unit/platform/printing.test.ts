import fc from 'fast-check';
import { expect, test } from 'vitest';

import { oneLine, printable, printableJson } from '../../../src/platform/printing.js';
import { anyCharacter } from '../../support/any-character.js';

const UNSAFE = /(?!\n)[\p{Cc}\p{Cs}\p{Bidi_Control}]/u;

test.each([
  ['\u001b[31mred\u001b[0m and \u001b]0;title\u0007plain', 'red and plain'],
  ['first\n  second\r\nthird\tcell', 'first\n  second\nthird cell'],
  ['\u009b2Jcleared', 'cleared'],
  ['\u202egnp.exe \ud83d', '\ufffdgnp.exe \ufffd'],
])('%j is printed as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('a value is one line', () => {
  expect(oneLine(' \u001b[1mno\n  answer\u001b[0m\t ')).toBe('no answer');
});

test('no text has anything that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      expect(printable(`${text}\u001b`)).not.toMatch(UNSAFE);
      expect(oneLine(`${text}\u001b`)).not.toMatch(UNSAFE);
    }),
  );
});

test('JSON stays the same value', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      const value = { [text]: `${text}\u009b\u007f\u202e\u001b[31m\n` };
      const json = printableJson(value);
      expect(json).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}]/u);
      expect(JSON.parse(json)).toEqual(value);
    }),
  );
});
