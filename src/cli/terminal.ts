import { once } from 'node:events';
import { CommanderError } from 'commander';

import { errorMessage } from '../platform/error-message.js';
import { INTERRUPTED_EXIT_CODE } from '../platform/interruption.js';

/** How every command can end. */
export const EXIT_CODES = {
  done: 0,
  error: 1,
  usage: 2,
  callFailed: 3,
  monitorFailed: 4,
  interrupted: INTERRUPTED_EXIT_CODE,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const MEANINGS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  done: 'done; for a monitor: the call ended in success',
  error: 'something went wrong',
  usage: 'wrong usage or configuration',
  callFailed: 'the call ended in failure',
  monitorFailed: 'the monitor ended without a final status of the call',
  interrupted: 'interrupted',
};

/** The exit codes for `--help`. */
export function renderExitCodes(): string {
  const lines = Object.entries(EXIT_CODES).map(
    ([name, code]) => `  ${String(code).padEnd(4)} ${MEANINGS[name as keyof typeof EXIT_CODES]}`,
  );
  return ['Exit codes:', ...lines].join('\n');
}

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

const MISSING_PACKAGE = /Cannot find (?:package|module) '((?:@[\w.-]+\/)?[\w-][\w.-]*)/;

/** Says on stderr what ended a command, without a stack, and returns its exit code. */
export function reportError(error: unknown): ExitCode {
  // Commander has said it already. Its code is 0 after --help and --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
  console.error(`temporal-polyai: ${messageOf(error)}`);
  if (error instanceof CliError) return error.exitCode;
  // By name: to load its module takes longer than most commands.
  return error instanceof Error && error.name === 'ConfigError' ? EXIT_CODES.usage : EXIT_CODES.error;
}

function messageOf(error: unknown): string {
  const missing = isModuleNotFound(error) && MISSING_PACKAGE.exec(error.message)?.[1];
  return missing
    ? `this command needs the package ${missing}; install it: npm install ${missing}`
    : errorMessage(error);
}

function isModuleNotFound(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

/** Writes to stdout no faster than it is read. */
export async function writeStandardOutput(text: string, signal?: AbortSignal): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain', { signal });
}
