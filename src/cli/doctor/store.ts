import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import { openOutcomeStore } from '../../outcomes/open.js';
import { OutcomeStoreError } from '../../outcomes/store.js';
import { parseOutcomesUrl } from '../../outcomes/url.js';
import { failure, type Finding, ok, reasonOf, warning } from './report.js';

const CHECK_URL = 'check POLYAI_OUTCOMES_URL, and that the worker may read and write what it names';

/** Whether outcomes can be saved where the URL says. Makes no file where there is none, and leaves no outcome behind. */
export async function checkOutcomeStore(url: string): Promise<Finding> {
  const target = parseOutcomesUrl(url);
  if (target.kind === 'off') {
    return warning(
      'off: an outcome is lost when nobody has read it before the namespace forgets its closed workflow',
      'set POLYAI_OUTCOMES_URL to "sqlite:path/to/file" or "postgres://user:password@host/database"',
    );
  }
  if (target.kind === 'sqlite' && !existsSync(target.path)) return judgeMissingFile(target.path);
  try {
    const store = await openOutcomeStore(url);
    try {
      await store.check();
    } finally {
      await store.close();
    }
    return ok(`${target.redactedUrl} can be read and written`);
  } catch (error) {
    if (!(error instanceof OutcomeStoreError)) throw error;
    return failure(reasonOf(error), CHECK_URL);
  }
}

/** A worker makes the file and its folder when it starts. */
function judgeMissingFile(path: string): Finding {
  const folder = nearestFolder(dirname(path));
  try {
    if (!statSync(folder).isDirectory()) return failure(`${path} cannot be made: ${folder} is no folder`, CHECK_URL);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    return failure(`${path} cannot be made: ${reasonOf(error)}`, CHECK_URL);
  }
  return warning(
    `there is no ${path} yet; a worker makes it when it starts`,
    'start a worker; where one runs: run this in its working directory, or name the file absolutely in POLYAI_OUTCOMES_URL',
  );
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}
