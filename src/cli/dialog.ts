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

function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * Whether a question is answered with yes.
 *
 * @param dialog absent without a terminal
 * @throws {CliError} without a dialog
 */
export async function isConfirmed(question: string, dialog: Dialog | undefined): Promise<boolean> {
  if (dialog) return isYes(await dialog.ask(question));
  throw new CliError(
    'nothing was done: cannot ask for confirmation, stdin is not a terminal; to skip the question: --yes',
    EXIT_CODES.usage,
  );
}

/**
 * Asks a question that is to be answered with yes, and says so if it is not.
 *
 * @throws {CliError} without a terminal
 */
export async function confirm(question: string): Promise<boolean> {
  const dialog = process.stdin.isTTY ? new Dialog() : undefined;
  try {
    if (await isConfirmed(question, dialog)) return true;
    printError('nothing was done');
    return false;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    throw new CliError('nothing was done', EXIT_CODES.interrupted);
  } finally {
    dialog?.close();
  }
}
