import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import { CALL_STATUS_SEARCH_ATTRIBUTE } from '../contract/names.js';
import { locateServerExecutable } from '../temporal-server/locate-server-executable.js';
import { startDevServer } from '../temporal-server/start-dev-server.js';
import { childEnvironment } from '../worker/config.js';
import { loadPlaygroundConfig, loadTemporalConfig } from '../worker/temporal-config.js';
import type { Setting } from './set-stage.js';

/** Without the download, the demo takes half a minute on a machine that has nothing else to do. */
const TIME_LIMIT_MS = 100_000;

/** The Temporal that the demo plays on. */
export interface DemoTemporal {
  readonly client: Client;
  /** Known only of a server that the demo has started. */
  readonly uiUrl: string | undefined;
  /** Environment of a worker that is to reach it. */
  readonly workerEnvironment: (own: Readonly<Record<string, string>>) => NodeJS.ProcessEnv;
}

/** The server in TEMPORAL_ADDRESS, else a dev server of the demo's own. */
export async function connectTemporal(setting: Setting): Promise<DemoTemporal> {
  return loadPlaygroundConfig().isServerNamed ? await useConfiguredServer(setting) : await startOwnServer(setting);
}

async function useConfiguredServer({ say, stop, cleanup }: Setting): Promise<DemoTemporal> {
  stop.limitTime(TIME_LIMIT_MS);
  const { connectionOptions, namespace, address } = loadTemporalConfig();
  const connection = await stop.orStopped(Connection.connect(connectionOptions)).catch((error: unknown) => {
    throw new Error(`cannot connect to Temporal at ${address} (TEMPORAL_ADDRESS)`, { cause: error });
  });
  cleanup.add(() => connection.close());
  say(`Temporal at ${address} (TEMPORAL_ADDRESS), namespace "${namespace}"`);
  return {
    client: new Client({ connection, namespace }),
    uiUrl: undefined,
    workerEnvironment: (own) => childEnvironment(own, /^POLYAI_/),
  };
}

async function startOwnServer({ folder, say, stop, cleanup }: Setting): Promise<DemoTemporal> {
  const executablePath = await stop.orStopped(
    locateServerExecutable('dev-server', { onProgress: say, signal: stop.signal }),
  );
  stop.limitTime(TIME_LIMIT_MS);
  const server = await startDevServer({
    executablePath,
    dbFilename: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
    searchAttributes: [defineSearchAttributeKey(CALL_STATUS_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD)],
  });
  cleanup.add(() => server.stop());
  const { address, namespace, uiUrl } = server;
  const connection = await Connection.connect({ address });
  cleanup.add(() => connection.close());
  say(`Temporal dev server on ${address}, its Web UI on ${uiUrl}`);
  const temporal = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    // A file that does not exist, for a profile of the user's must not apply to this server.
    TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
  };
  return {
    client: new Client({ connection, namespace }),
    uiUrl,
    workerEnvironment: (own) => childEnvironment({ ...own, ...temporal }, /^(POLYAI|TEMPORAL)_/),
  };
}
