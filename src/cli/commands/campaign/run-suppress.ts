import { addAbortSignal } from 'node:stream';
import type { CountryCode } from 'libphonenumber-js/max';

import { Interruption } from '../../../platform/interruption.js';
import { amount, print, printError } from '../../../platform/printing.js';
import { withCampaignStore } from '../../campaign-store.js';
import { knownCountry, NumberError, parseNumber } from '../../contacts-file/phone-number.js';
import { Progress, renderProgress } from '../../progress.js';
import { openSource } from '../../source.js';
import { CliError, EXIT_CODES, type ExitCode } from '../../terminal.js';

interface SuppressOptions {
  /** None to read them from a file or stdin. */
  readonly numbers: readonly string[];
  /** A file of numbers, one a line; absent for stdin. */
  readonly file: string | undefined;
  readonly country: string | undefined;
  readonly reason: string;
  readonly source: string;
}

/** Runs `campaign suppress`. A number that cannot be read keeps no other from being suppressed. */
export async function suppressNumbers(options: SuppressOptions): Promise<ExitCode> {
  const { numbers, file, country, reason, source } = options;
  if (numbers.length > 0 && file !== undefined)
    throw new CliError('give numbers or --file, not both', EXIT_CODES.usage);
  const plan = knownCountry(country);
  const interruption = new Interruption();
  const { signal } = interruption;
  try {
    return await withCampaignStore(async (store) => {
      const written = numbers.length > 0 ? argumentsAsLines(numbers) : await linesOf(options, signal);
      const suppression = new Suppression(written, plan);
      await suppression.run((readable) => store.suppress(readable, { reason, source }), signal);
      return suppression.report({ isInterrupted: signal.aborted });
    });
  } finally {
    interruption.dispose();
  }
}

/** Reads numbers and suppresses them, batch by batch. */
class Suppression {
  /** Lines, or arguments. */
  #read = 0;
  #suppressed = 0;
  #unreadable = 0;
  readonly #startedAtMs = performance.now();
  readonly #progress = new Progress({ stream: process.stderr, render: () => this.#render(), everywhere: true });

  constructor(
    private readonly written: WrittenNumbers,
    private readonly country: CountryCode | undefined,
  ) {}

  /**
   * What was suppressed before an interruption or an error stays so.
   *
   * @throws {CliError} when the numbers cannot be read to their end
   */
  async run(suppress: (numbers: readonly string[]) => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      for await (const lines of this.written.batches) {
        signal.throwIfAborted();
        const numbers = lines.map((line) => this.#parse(line)).filter((number) => number !== undefined);
        await suppress(numbers);
        this.#suppressed += numbers.length;
        this.#progress.step();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CliError) || this.#suppressed === 0) throw error;
      throw new CliError(`${error.message}; ${numbersAre(this.#suppressed)} suppressed before`, error.exitCode);
    } finally {
      this.#progress.clear();
    }
  }

  report({ isInterrupted }: { readonly isInterrupted: boolean }): ExitCode {
    print(`${numbersAre(this.#suppressed)} suppressed`);
    if (isInterrupted) {
      printError('interrupted; run the same command again to suppress the rest');
      return EXIT_CODES.interrupted;
    }
    return this.#unreadable > 0 ? EXIT_CODES.error : EXIT_CODES.done;
  }

  #parse(line: string): string | undefined {
    this.#read += 1;
    if (line.trim() === '') return undefined;
    try {
      return parseNumber(line.trim(), this.country).number;
    } catch (error) {
      if (!(error instanceof NumberError)) throw error;
      this.#unreadable += 1;
      this.#progress.clear();
      printError(`${this.written.what} ${this.#read} ${error.message}`);
      return undefined;
    }
  }

  #render(): string {
    const pace = { done: this.#read, share: this.written.readShare(), startedAtMs: this.#startedAtMs };
    return renderProgress(`${amount(this.#suppressed)} suppressed, ${amount(this.#unreadable)} unreadable`, pace);
  }
}

/** Written numbers, in batches: those that are there are suppressed before more are waited for. */
interface WrittenNumbers {
  readonly what: 'number' | 'line';
  readonly batches: AsyncIterable<readonly string[]> | Iterable<readonly string[]>;
  readonly readShare: () => number | undefined;
}

function argumentsAsLines(numbers: readonly string[]): WrittenNumbers {
  return { what: 'number', batches: [numbers], readShare: () => undefined };
}

async function linesOf({ file }: SuppressOptions, signal: AbortSignal): Promise<WrittenNumbers> {
  if (file === undefined && process.stdin.isTTY) printError('Numbers, one a line, then Ctrl-D:');
  const { source, bytes, readShare } = await openSource(file ?? '-');
  addAbortSignal(signal, source);
  return { what: 'line', batches: splitLines(bytes), readShare };
}

/** The lines that end in each chunk. */
async function* splitLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[], void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop()!;
    yield lines;
  }
  yield [rest + decoder.decode()];
}

function numbersAre(count: number): string {
  return `${count} ${count === 1 ? 'number is' : 'numbers are'}`;
}
