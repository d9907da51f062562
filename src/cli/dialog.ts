import { createInterface } from 'node:readline';

import { InterruptedError } from '../platform/interruption.js';
import { printable, printError } from '../platform/printing.js';
import { CliError, EXIT_CODES } from './terminal.js';

/** Asks on stderr, because stdout is for the result. */
export class Dialog {
  readonly #interface = createInterface({ input: process.stdin, output: process.stderr });
  // Keeps a line that is typed before its question.
  readonly #lines = this.#interface[Symbol.asyncIterator]();

  /** @throws {InterruptedError} at Ctrl-C, Ctrl-D, or the end of the input */
  async ask(question: string): Promise<string> {
    this.#interface.setPrompt(printable(question));
    this.#interface.prompt();
    const line = await this.#lines.next();
    if (line.done) throw new InterruptedError();
    return line.value;
  }

  close(): void {
    this.#interface.close();
  }
}

export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * Asks a question that is to be answered with yes.
 *
 * @throws {CliError} without a terminal
 */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CliError('nobody can be asked; to do it all the same: --yes', EXIT_CODES.usage);
  const dialog = new Dialog();
  try {
    if (isYes(await dialog.ask(question))) return true;
    printError('nothing was done');
    return false;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    throw new CliError('nothing was done', EXIT_CODES.interrupted);
  } finally {
    dialog.close();
  }
}
