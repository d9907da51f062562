#!/usr/bin/env node
import { createProgram } from './program.js';
import { reportError } from './terminal.js';

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', () => process.exit());

try {
  await createProgram().parseAsync();
} catch (error) {
  // The SDK's threads outlive a worker that could not be created.
  process.exit(reportError(error));
}
