import fc from 'fast-check';
import { expect, test } from 'vitest';

import { hidePhoneNumbers, phoneNumberPattern } from '../../../src/polyai/phone-numbers.js';

test.each([
  ['+4915112345678 486 Busy Here', '[phone number] 486 Busy Here'],
  ['+4915112345678 +4930123456', '[phone number] [phone number]'],
  ['4155552671 4155552672', '[phone number]'],
  ['415 555 2671 415 555 2672', '[phone number]'],
  ['0049/30/12345678', '[phone number]'],
  ['+49 (0)30/123 456-78', '[phone number]'],
  ['+49\u00a0151\u202f123\u200945678', '[phone number]'],
  ['+49‑151–123\u221245678', '[phone number]'],
  ['+49\u200b151\u00ad12345678', '[phone number]'],
  ['tel_+4915112345678', 'tel_[phone number]'],
  ['tel_4915112345678', 'tel_[phone number]'],
  ['tel-4915112345678', 'tel-[phone number]'],
  ['to4915112345678', 'to4915112345678'],
  ['to+4915112345678now', 'to[phone number]now'],
  ['4155552671x12', '[phone number]'],
  ['+1 415 555 2671 ext. 12 is busy', '[phone number] is busy'],
  ['415-555-2671 # 7', '[phone number]'],
  ['(415) 555-2671', '[phone number]'],
  ['sip:+4915112345678@example.com;user=phone', 'sip:[phone number]@example.com;user=phone'],
  ['to=%2B4915112345678&x=1', 'to=[phone number]&x=1'],
  ['＋４９１５１１２３４５６７８', '[phone number]'],
  ['٠١٥١١٢٣٤٥٦٧٨', '[phone number]'],
  ['+4915112345678901234', '[phone number]'],
])('of %j is shown %j', (text, expected) => {
  expect(hidePhoneNumbers(text)).toBe(expected);
});

test.each([
  'OUT-4155552671-0001',
  'OUT-123e4567-e89b-12d3-a456-426614174000 ended',
  'run 123e4567-e89b-12d3-a456-426614174000',
  'run 12345678-1234-4234-8234-123456789012, again',
  'at 2026-01-15T12:00:30.123Z',
  'at 2026-01-15 12:00:30 and 2026-01-16',
  'at 2026-01-15T12:00:30+02:00',
  '507f1f77bcf86cd799439011',
  '4155552671deadbeef',
  '12345678901234567890',
  '486 Busy Here',
  '+123456',
  '1,234,567,890',
  'version 1.2.3',
])('%j has no phone number', (text) => {
  expect(hidePhoneNumbers(text)).toBe(text);
});

const digits = (minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength });
const separator = fc.constantFrom('', '', '', ' ', '-', '.', '/', '\u00a0', '‑', ' (', ') ', '\u200b');
const before = fc.constantFrom('', 'tel:', 'call to ', 'no answer from (', 'tel_', '"', 'busy, ');
const after = fc.constantFrom('', ' busy', ', ', ')', ' x', '_a', '@host');

test('no digit of a phone number remains, however it is grouped', () => {
  const number = digits(9, 15).chain((all) => {
    return fc.array(separator, { minLength: all.length - 1, maxLength: all.length - 1 }).map((separators) => {
      return all.map((digit, i) => `${digit}${separators[i] ?? ''}`).join('');
    });
  });
  fc.assert(
    fc.property(before, fc.constantFrom('', '+', '00'), number, after, (start, prefix, grouped, end) => {
      const shown = hidePhoneNumbers(`${start}${prefix}${grouped}${end}`);
      // A group of up to four digits may remain where 00 makes the number longer than 15.
      expect(shown.replace(/\D/g, '').length).toBeLessThan(5);
    }),
    { numRuns: 2_000 },
  );
});

test('UUIDs, dates and call SIDs stay as they are', () => {
  const dates = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
  const sid = fc.stringMatching(/^OUT-[A-Za-z0-9_-]{1,40}$/);
  const iso = dates.map((date) => date.toISOString());
  fc.assert(
    fc.property(fc.oneof(fc.uuid(), iso, sid), fc.constantFrom(' ', ', ', '"', ': '), (id, around) => {
      const text = `see${around}${id}${around}for more`;
      expect(hidePhoneNumbers(text)).toBe(text);
    }),
    { numRuns: 1_000 },
  );
});

test('a long text takes no more than linear time', () => {
  const startedAt = performance.now();
  for (const part of ['1 ', '+', '(', '12-', 'OUT-', '1234 (x', '2026-01-'])
    hidePhoneNumbers(part.repeat(60_000 / part.length));
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test.each(['+49 151 1234-5678', '004915112345678', '0151/12345678', '(0151) 12345678', '+49\u00a0151\u00a012345678'])(
  'a number that was dialled is found as %s',
  (echoed) => {
    expect(`busy: ${echoed}.`.replace(phoneNumberPattern('+4915112345678'), '…')).toMatch(/^busy: \(?…\.$/);
  },
);
