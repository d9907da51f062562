interface Pace {
  /** How many things are done. */
  readonly done: number;
  /** How much of the input has been read, from 0 to 1; `undefined` when nobody knows how much there is. */
  readonly share: number | undefined;
  /** By `performance.now()`. */
  readonly startedAtMs: number;
}

const BAR_WIDTH = 24;

/** One line: a bar where the end is known, what was done, and how fast. */
export function renderProgress(counts: string, { done, share, startedAtMs }: Pace): string {
  const perSecond = Math.round((done / (performance.now() - startedAtMs)) * 1_000);
  const text = `${counts}, ${perSecond.toLocaleString('en')}/s`;
  if (share === undefined) return text;
  const read = Math.min(share, 1);
  const bar = '#'.repeat(Math.round(read * BAR_WIDTH)).padEnd(BAR_WIDTH, '.');
  return `[${bar}] ${String(Math.floor(read * 100)).padStart(3)} %  ${text}`;
}

const SHOW_AFTER_MS = 1_000;
const SHOW_EVERY_MS = 250;
const PRINT_EVERY_MS = 10_000;

interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  /** One line: how far it is. */
  readonly render: () => string;
  /** Whether it is shown elsewhere than on a terminal too: a line each ten seconds. */
  readonly everywhere?: boolean;
}

/** Shows how far long work is: on a terminal one line, which is written anew. */
export class Progress {
  #showAtMs: number;
  #isShown = false;

  constructor(private readonly options: ProgressOptions) {
    this.#showAtMs = performance.now() + (options.stream.isTTY ? SHOW_AFTER_MS : PRINT_EVERY_MS);
  }

  /** The work has gone on. */
  step(): void {
    if (performance.now() < this.#showAtMs) return;
    const { stream, render, everywhere = false } = this.options;
    if (stream.isTTY) {
      this.#showAtMs = performance.now() + SHOW_EVERY_MS;
      this.#isShown = true;
      stream.write(`\r\x1b[2K${render()}`);
    } else {
      this.#showAtMs = performance.now() + PRINT_EVERY_MS;
      if (everywhere) stream.write(`${render()}\n`);
    }
  }

  /** Takes the line away, for other output. */
  clear(): void {
    if (this.#isShown) this.options.stream.write('\r\x1b[2K');
    this.#isShown = false;
  }
}
