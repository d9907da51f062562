import fc from 'fast-check';
import { expect, test } from 'vitest';

import { csvRecord } from '../../../../src/cli/outcomes/export.js';

test('a record is quoted where it must be', () => {
  expect(csvRecord(['OUT-1', null, '', 41, 'a,b', 'say "hi"', 'two\r\nlines', 'plain'])).toBe(
    'OUT-1,,,41,"a,b","say ""hi""","two\r\nlines",plain\r\n',
  );
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1'])('%j is text to a spreadsheet', (text) => {
  expect(csvRecord([text]).replace(/^"/, '')).toMatch(/^'/);
});

test('a number is no text, and has no apostrophe', () => {
  expect(csvRecord([-1])).toBe('-1\r\n');
});

test('any cells can be read back', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom(...'ab,"\r\n =') }), { minLength: 1 }), (cells) => {
      expect(parse(csvRecord(cells))).toEqual(cells.map((cell) => (/^[=\r\n]/.test(cell) ? `'${cell}` : cell)));
    }),
  );
});

/** One record after RFC 4180, by hand. */
function parse(record: string): string[] {
  const cells: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (const [, quoted, plain = ''] of record.matchAll(pattern)) cells.push(quoted?.replaceAll('""', '"') ?? plain);
  return cells;
}
