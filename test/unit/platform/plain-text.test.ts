import fc from 'fast-check';
import { expect, test } from 'vitest';

import { plainText } from '../../../src/platform/plain-text.js';
import { anyCharacter } from '../../support/any-character.js';

test.each([
  ['half a surrogate pair: \ud83d', 'half a surrogate pair: �'],
  ['\udcde the other half', '� the other half'],
  ['a whole one: 📞', 'a whole one: 📞'],
  ['\u001b[31mred\u001b[0m', '�[31mred�[0m'],
  ['\u009b2J', '�2J'],
  ['nul\0 bell\u0007 delete\u007f', 'nul� bell� delete�'],
  ['\u202egnp.exe\u2066\u200f', '�gnp.exe��'],
  ['first\r\nsecond\tthird\u2028fourth\u0085', 'first second third fourth '],
  ['Zurück – 日本語 – नमस्ते', 'Zurück – 日本語 – नमस्ते'],
])('%j becomes %j', (text, expected) => {
  expect(plainText(text)).toBe(expected);
});

test('any text becomes one well-formed line that stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), fc.string({ unit: anyCharacter }), (before, after) => {
      const plain = plainText(`${before}\ud800${after}\u001b`);
      expect(plain).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      expect(Buffer.from(plain, 'utf8').toString('utf8')).toBe(plain);
      expect(plainText(plain)).toBe(plain);
    }),
  );
});
