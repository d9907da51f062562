import { EXIT_CODES, type ExitCode } from './exit-codes.js';

/** Ends a command with one readable message, which names the thing and the remedy. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT_CODES.error,
  ) {
    super(message);
  }
}
