import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A Chromium, or a Chrome. */
    chromiumPath: string;
  }
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Finds the browser. */
export function setup(project: TestProject): void {
  const { CHROMIUM, PATH = '' } = process.env;
  const found = CHROMIUM
    ? [CHROMIUM]
    : PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const path = found.find(isExecutable);
  if (path === undefined) {
    const where = CHROMIUM ? `CHROMIUM is "${CHROMIUM}", which cannot be run` : `PATH has none of ${NAMES.join(', ')}`;
    throw new Error(
      `The tests of the Web UI need Chromium, and ${where}. Install it (Debian: apt-get install chromium) or set CHROMIUM to its path.`,
    );
  }
  project.provide('chromiumPath', path);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
