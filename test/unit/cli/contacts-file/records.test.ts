import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type CsvRecord, readRecords } from '../../../../src/cli/contacts-file/records.js';

async function recordsOf(text: string, delimiter?: string): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  const chunks = Readable.from(text.match(/.{1,7}/gs) ?? []);
  for await (const record of readRecords(chunks, { file: 'contacts.csv', delimiter })) records.push(record);
  return records;
}

describe('the records of a CSV file', () => {
  it.each([',', ';', '\t', '|'])('are separated by what the header has most of: %j', async (delimiter) => {
    const text = `"a,;b"${delimiter}c\r\n1${delimiter}"2,3;4"\r\n`;
    expect(await recordsOf(text)).toEqual([
      { line: 1, cells: ['a,;b', 'c'] },
      { line: 2, cells: ['1', '2,3;4'] },
    ]);
  });

  it('are separated by the delimiter that is given', async () => {
    expect(await recordsOf('a:b,c\n1:2\n', ':')).toEqual([
      { line: 1, cells: ['a', 'b,c'] },
      { line: 2, cells: ['1', '2'] },
    ]);
  });

  it('end with any end of line, and need none at the end of the file', async () => {
    expect((await recordsOf('a\r\n1\n2\r3')).map(({ cells }) => cells[0])).toEqual(['a', '1', '2', '3']);
  });

  it('have the line where they end, and those without content are left out', async () => {
    expect(await recordsOf('\na,b\n\n1,"x\ny"\n , \n2,z\n')).toEqual([
      { line: 2, cells: ['a', 'b'] },
      { line: 5, cells: ['1', 'x\ny'] },
      { line: 7, cells: ['2', 'z'] },
    ]);
  });

  it('may have a quote inside of a cell', async () => {
    expect((await recordsOf('a,b\n1,5" pipe\n2,"x"y\n3,z\n')).slice(1).map(({ cells }) => cells)).toEqual([
      ['1', '5" pipe'],
      ['2', '"x"y'],
      ['3', 'z'],
    ]);
  });

  it('are the same that were written', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', ';', '\n', '\r', ' ') });
    const rows = fc.array(fc.tuple(fc.constant('x'), cell, cell), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(rows, async (written) => {
        const text = stringify([['h1', 'h2', 'h3'], ...written], { quoted: true });
        expect((await recordsOf(text)).slice(1).map(({ cells }) => cells)).toEqual(written);
      }),
      { numRuns: 50 },
    );
  });

  it('fail where a quote is never closed, with its line', async () => {
    await expect(recordsOf('a,b\n1,2\n3,"x\n4,y\n')).rejects.toThrow(
      'contacts.csv: a quote in line 3 or after it is never closed, so nothing from there on can be read',
    );
  });

  it('fail without reading the rest of the file where a quote is not closed', async () => {
    async function* endless(): AsyncGenerator<string, void> {
      yield 'a,b\n1,"';
      for (;;) yield 'x\n'.repeat(20_000);
    }
    const records = readRecords(endless(), { file: 'contacts.csv', delimiter: undefined });
    await records.next();
    await expect(records.next()).rejects.toThrow('contacts.csv: a quote in line 2 or after it is never closed');
  });
});
