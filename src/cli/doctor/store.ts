import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import { openOutcomeStore } from '../../outcomes/open.js';
import { OutcomeStoreError } from '../../outcomes/store.js';
import { parseOutcomesUrl } from '../../outcomes/url.js';
import { absentFile } from '../outcome-store.js';
import { failure, type Finding, ok, firstLineOf, warning } from './report.js';

const CHECK_URL = 'check POLYAI_OUTCOMES_URL (it names this store), and that the worker may read and write the store';

/** Checks that outcomes can be saved in the store of this URL. Changes nothing. */
export async function checkOutcomeStore(url: string): Promise<Finding> {
  const target = parseOutcomesUrl(url);
  if (target.kind === 'off') {
    return warning(
      'off: an outcome is lost unless it is read before the namespace deletes the closed workflow',
      'set POLYAI_OUTCOMES_URL to "sqlite:path/to/file" or "postgres://user:password@host/database"',
    );
  }
  const absent = absentFile(target);
  if (absent !== undefined) return checkMissingFile(absent);
  try {
    const store = await openOutcomeStore(url, { migrate: false });
    try {
      await store.check();
    } finally {
      await store.close();
    }
    return ok(`${target.redactedUrl} can be read and written`);
  } catch (error) {
    if (!(error instanceof OutcomeStoreError)) throw error;
    if (error.code === 'older-schema') return warning(firstLineOf(error), 'start a worker');
    return failure(firstLineOf(error), CHECK_URL);
  }
}

/** A worker creates the file and its folder when it starts. */
function checkMissingFile(path: string): Finding {
  const folder = nearestFolder(dirname(path));
  try {
    if (!statSync(folder).isDirectory())
      return failure(`${path} cannot be created: ${folder} is not a folder`, CHECK_URL);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    return failure(`${path} cannot be created: ${firstLineOf(error)}`, CHECK_URL);
  }
  return warning(
    `there is no ${path} yet; a worker creates it when it starts`,
    'start a worker; if one runs, run this in its working directory, or set an absolute path in POLYAI_OUTCOMES_URL',
  );
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}
