import { CliError } from '../terminal.js';

interface TextOptions {
  /** The name in errors. */
  readonly file: string;
  /** A label of the Encoding Standard, such as `windows-1252`. */
  readonly encoding: string;
}

/**
 * Decodes a file, without its byte order mark.
 *
 * @throws {CliError} when it is no text, or of another encoding
 */
export async function* readText(
  bytes: AsyncIterable<Uint8Array>,
  { file, encoding }: TextOptions,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const isUtf16 = decoder.encoding.startsWith('utf-16');
  let lines = 1;
  let isFirst = true;
  for await (const chunk of bytes) {
    if (isFirst) checkStart(chunk, { file, isUtf16 });
    isFirst = false;
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch {
      throw wrongEncoding(file, decoder.encoding, lines + linesBeforeError(chunk, encoding));
    }
    lines += countLines(text);
    yield text;
  }
  try {
    yield decoder.decode();
  } catch {
    throw wrongEncoding(file, decoder.encoding, lines);
  }
}

const SIGNATURES: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['a spreadsheet or a ZIP file', [0x50, 0x4b, 0x03, 0x04]],
  ['an old spreadsheet', [0xd0, 0xcf, 0x11, 0xe0]],
  ['a gzip file', [0x1f, 0x8b]],
];

function checkStart(chunk: Uint8Array, { file, isUtf16 }: { file: string; isUtf16: boolean }): void {
  const found = SIGNATURES.find(([, bytes]) => bytes.every((byte, index) => chunk[index] === byte));
  if (found) throw new CliError(`${file} is ${found[0]}: save it as CSV, in UTF-8`);
  const start = chunk.subarray(0, 1_000);
  const [first, second] = start;
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16 || (!hasMark && !start.includes(0))) return;
  const label = first === 0xfe || first === 0 ? 'utf-16be' : 'utf-16le';
  throw new CliError(`${file} is UTF-16: save it in UTF-8, or give --encoding ${label}`);
}

function wrongEncoding(file: string, encoding: string, line: number): CliError {
  const remedy =
    encoding === 'utf-8'
      ? 'save it in UTF-8, or give --encoding, for Western European text of Windows: --encoding windows-1252'
      : 'give another --encoding';
  return new CliError(`${file}, line ${line}, is not ${encoding.toUpperCase()}: ${remedy}`);
}

function linesBeforeError(chunk: Uint8Array, encoding: string): number {
  const text = new TextDecoder(encoding).decode(chunk);
  return countLines(text.slice(0, text.indexOf('\uFFFD')));
}

function countLines(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}
