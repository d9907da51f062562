import { CommanderError } from 'commander';

import { CliError } from './cli-error.js';
import { EXIT_CODES, type ExitCode } from './exit-codes.js';

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
  if (!(error instanceof Error)) return String(error);
  const missing = isModuleNotFound(error) && MISSING_PACKAGE.exec(error.message)?.[1];
  return missing ? `this command needs the package ${missing}; install it: npm install ${missing}` : error.message;
}

function isModuleNotFound(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
