import fc from 'fast-check';
import { expect, test } from 'vitest';

import { csvRecord } from '../../../../src/cli/commands/export-items.js';

test('cells with commas, quotes and line breaks are quoted', () => {
  expect(csvRecord(['OUT-1', null, '', 41, 'a,b', 'say "hi"', 'two\r\nlines', 'plain'])).toBe(
    'OUT-1,,,41,"a,b","say ""hi""","two\r\nlines",plain\r\n',
  );
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1'])(
  'a spreadsheet does not run %j as a formula',
  (text) => {
    expect(csvRecord([text]).replace(/^"/, '')).toMatch(/^'/);
  },
);

test('a negative number has no apostrophe', () => {
  expect(csvRecord([-1])).toBe('-1\r\n');
});

test('any cells can be parsed again', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom(...'ab,"\r\n =') }), { minLength: 1 }), (cells) => {
      expect(parse(csvRecord(cells))).toEqual(cells.map((cell) => (/^[=\r\n]/.test(cell) ? `'${cell}` : cell)));
    }),
  );
});

/** Parses one record by RFC 4180. */
function parse(record: string): string[] {
  const cells: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (const [, quoted, plain = ''] of record.matchAll(pattern)) cells.push(quoted?.replaceAll('""', '"') ?? plain);
  return cells;
}

test('a phone number has none, so that other programs can read it', () => {
  expect(csvRecord(['+447700900001'])).toBe('+447700900001\r\n');
});
