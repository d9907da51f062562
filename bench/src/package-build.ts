import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import type * as temporal from '@temporalio/client';
import type * as client from 'temporal-polyai/client';

/** The checkout that this benchmark belongs to. */
export const REPOSITORY = resolve(import.meta.dirname, '../..');

/** A built checkout of this package, with its own dependencies. */
export interface PackageBuild {
  readonly folder: string;
  readonly version: string;
  /** The package's `./client` entry. */
  readonly client: typeof client;
  /** The Temporal client that this build is installed with. */
  readonly temporal: typeof temporal;
  /** The program that `npm start` runs. */
  readonly workerPath: string;
}

/**
 * Loads a build through its package.json `exports`, so that it works with any internal layout.
 *
 * @param folder a checkout in which `npm ci` and `npm run build` have been run
 * @throws {InvalidArgumentError} when there is no build of this package
 */
export async function loadBuild(folder: string): Promise<PackageBuild> {
  const manifestPath = resolve(folder, 'package.json');
  const require = createRequire(manifestPath);
  const load = (specifier: string): Promise<unknown> => import(pathToFileURL(require.resolve(specifier)).href);
  try {
    const { version } = JSON.parse(readFileSync(manifestPath, 'utf8')) as { version: string };
    return {
      folder: resolve(folder),
      version,
      client: (await load('temporal-polyai/client')) as PackageBuild['client'],
      temporal: (await load('@temporalio/client')) as PackageBuild['temporal'],
      workerPath: join(resolve(folder), 'dist/worker.js'),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1).join() : String(error);
    throw new InvalidArgumentError(
      `${folder} has no build of temporal-polyai; run "npm ci" and "npm run build" there (${reason})`,
    );
  }
}
