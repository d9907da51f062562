#!/usr/bin/env node
import { createProgram } from './program.js';
import { reportError } from './terminal.js';

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? process.exitCode : reportError(error)),
);
// Nothing is left to report it to.
process.stderr.on('error', () => undefined);

try {
  await createProgram().parseAsync();
} catch (error) {
  // The SDK's threads outlive a worker that could not be created.
  process.exit(reportError(error));
}
