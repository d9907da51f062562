import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';

import { readText } from '../../../../src/cli/contacts-file/text.js';

async function textOf(bytes: Uint8Array, encoding = 'utf-8', chunkLength = 5): Promise<string> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkLength) }, (_, index) =>
    bytes.subarray(index * chunkLength, (index + 1) * chunkLength),
  );
  let all = '';
  for await (const text of readText(Readable.from(chunks), { file: 'contacts.csv', encoding })) all += text;
  return all;
}

const TEXT = 'number,name\n1,José\n2,李雷\n';

describe('the text of a file', () => {
  it('is decoded without its byte order mark, wherever a chunk ends', async () => {
    for (const length of [1, 2, 3, 4, 5, 100]) {
      expect(await textOf(Buffer.from(`\uFEFF${TEXT}`), 'utf-8', length)).toBe(TEXT);
      expect(await textOf(Buffer.from(`\uFEFF${TEXT}`, 'utf16le'), 'utf-16le', length)).toBe(TEXT);
    }
    expect(await textOf(Buffer.from('José', 'latin1'), 'windows-1252')).toBe('José');
  });

  it('is refused with its line when it is of another encoding', async () => {
    const message = 'contacts.csv, line 3, is not UTF-8: save it in UTF-8, or give --encoding';
    await expect(textOf(Buffer.from('a\nb\nJosé\nc\n', 'latin1'))).rejects.toThrow(message);
    await expect(textOf(Buffer.from('a\nb\nJosé', 'latin1'), 'utf-8', 100)).rejects.toThrow(message);
    await expect(textOf(Buffer.from('a\nb\nJos\u00e9').subarray(0, 8))).rejects.toThrow(message);
  });

  it.each([
    ['UTF-16: save it in UTF-8, or give --encoding utf-16le', Buffer.from(`\uFEFF${TEXT}`, 'utf16le')],
    ['UTF-16: save it in UTF-8, or give --encoding utf-16le', Buffer.from(TEXT, 'utf16le')],
    ['UTF-16: save it in UTF-8, or give --encoding utf-16be', Buffer.from(`\uFEFF${TEXT}`, 'utf16le').swap16()],
    ['a spreadsheet or a ZIP file: save it as CSV, in UTF-8', Buffer.from('PK\u0003\u0004…')],
    ['a gzip file: save it as CSV, in UTF-8', Buffer.from([0x1f, 0x8b, 8])],
  ])('is refused when the file is %s', async (what, bytes) => {
    await expect(textOf(bytes)).rejects.toThrow(`contacts.csv is ${what}`);
  });
});
