import { CommanderError } from 'commander';

import { errorMessage } from '../platform/error-message.js';
import { INTERRUPTED_EXIT_CODE } from '../platform/interruption.js';
import { printError } from '../platform/printing.js';

/** The exit codes of all commands. */
export const EXIT_CODES = {
  done: 0,
  error: 1,
  usage: 2,
  callFailed: 3,
  monitorFailed: 4,
  campaignCancelled: 5,
  interrupted: INTERRUPTED_EXIT_CODE,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const MEANINGS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  done: 'done; a monitored call succeeded, a watched campaign was completed',
  error: 'an error',
  usage: 'wrong usage or configuration',
  callFailed: 'the call ended in failure',
  monitorFailed: 'the monitor ended without a terminal status',
  campaignCancelled: 'the campaign was cancelled',
  interrupted: 'interrupted',
};

/** The exit codes for `--help`. */
export function renderExitCodes(): string {
  const lines = Object.entries(EXIT_CODES).map(
    ([name, code]) => `  ${String(code).padEnd(4)} ${MEANINGS[name as keyof typeof EXIT_CODES]}`,
  );
  return ['Exit codes:', ...lines].join('\n');
}

/** @param status the terminal status of a call, if its monitor observed one */
export function exitCodeOfCall(status: 'success' | 'failure' | undefined): ExitCode {
  if (status === undefined) return EXIT_CODES.monitorFailed;
  return status === 'success' ? EXIT_CODES.done : EXIT_CODES.callFailed;
}

/** Ends a command with one message, which names the problem and the remedy, and no stack. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT_CODES.error,
  ) {
    super(message);
  }
}

/** Prints the error that ended a command to stderr, without a stack, and returns the exit code. */
export function reportError(error: unknown): ExitCode {
  // Commander has printed its own errors. Its code is 0 after --help and --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
  printError(`temporal-polyai: ${messageOf(error)}`);
  if (error instanceof CliError) return error.exitCode;
  // By name, because loading the module of ConfigError takes longer than most commands.
  return error instanceof Error && error.name === 'ConfigError' ? EXIT_CODES.usage : EXIT_CODES.error;
}

const MISSING_PACKAGE = /Cannot find (?:package|module) '((?:@[\w.-]+\/)?[\w-][\w.-]*)/;

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

const CHUNK_LENGTH = 65_536;

/** Joins lines into chunks: a write for each line takes longer than everything else. */
export async function* joinLines(lines: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let chunk = '';
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
