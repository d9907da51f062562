import type { TestProject } from 'vitest/node';

import * as build from './build.js';
import * as devServer from './dev-server.js';
import * as postgres from './postgres.js';
import * as temporalServers from './temporal-servers.js';
import * as tracedBundle from './traced-bundle.js';
import * as workflowBundle from './workflow-bundle.js';

/** Prepares all that the e2e tests need, side by side: the build and PostgreSQL are processes of their own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [stopServer, stopPostgres] = await Promise.all([
    prepareTemporal(project),
    postgres.setup(project),
    build.setup(project),
  ]);
  return async () => {
    await Promise.all([stopServer(), stopPostgres()]);
  };
}

async function prepareTemporal(project: TestProject): Promise<() => Promise<void>> {
  await temporalServers.setup(project);
  const stop = await devServer.setup(project);
  await workflowBundle.setup(project);
  await tracedBundle.setup(project);
  return stop;
}
