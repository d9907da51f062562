import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../contract/names.js';
import { errorMessage } from '../platform/error-message.js';
import { type Simulator, startSimulator } from '../simulator/server.js';
import { childEnvironment, hasPolyAiAccess } from '../worker/config.js';
import { loadPlaygroundConfig, loadTemporalConfig, type TemporalConfig } from '../worker/temporal-config.js';
import { type DevOptions, readSimulatedCalls, writeSimulatedCalls } from './dev.js';
import { startDevServer } from './temporal-server.js';

/** The API that `dev` works with. */
interface DevPolyAi {
  /** Absent with the real API. */
  readonly simulator?: Simulator;
  readonly workerEnvironment: NodeJS.ProcessEnv;
  readonly close?: () => Promise<void>;
}

/** The API that the environment names together with a token, else the simulator. */
export async function openPolyAi({ data, simulatorPort }: DevOptions): Promise<DevPolyAi> {
  if (hasPolyAiAccess()) return { workerEnvironment: childEnvironment({}, /^$/) };
  const simulator = await startSimulator({ port: simulatorPort }).catch((error: unknown) => {
    throw new Error(`the simulator cannot listen; choose another port with --simulator-port: ${errorMessage(error)}`);
  });
  const file = `${data}.simulated-calls.json`;
  for (const callSid of await readSimulatedCalls(file)) simulator.addCall(callSid);
  const access = { POLYAI_AUTH_TOKEN: simulator.token, POLYAI_BASE_URL: simulator.url };
  return {
    simulator,
    workerEnvironment: childEnvironment(access, /^POLYAI_(AUTH_TOKEN|AUTH_TOKEN_FILE|REGION|BASE_URL|ACCOUNTS_FILE)$/),
    close: async () => {
      await writeSimulatedCalls(file, simulator);
      await simulator.close();
    },
  };
}

/** The Temporal that `dev` works with. */
export interface DevTemporal extends TemporalConfig {
  /** Known only of a dev server that was started here. */
  readonly uiUrl?: string | undefined;
  /** Whether the dev server was started here. */
  readonly isOwn: boolean;
  readonly close?: () => Promise<void>;
}

/** The server in TEMPORAL_ADDRESS, else a dev server with its data in a file. */
export async function openTemporal({ data, port, uiPort }: DevOptions): Promise<DevTemporal> {
  const configured = loadTemporalConfig();
  const { isServerNamed, namespace } = loadPlaygroundConfig();
  if (isServerNamed) return { ...configured, isOwn: false };
  const server = await startDevServer({
    dbFilename: data,
    namespace,
    port: port || undefined,
    uiPort: uiPort || undefined,
    searchAttributes: [CALL_STATUS_SEARCH_ATTRIBUTE, ALARM_SEARCH_ATTRIBUTE].map((name) =>
      defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    ),
    onProgress: (line) => console.error(line),
  });
  const { address, uiUrl } = server;
  return {
    connectionOptions: { address },
    namespace: server.namespace,
    address,
    uiUrl,
    isOwn: true,
    close: () => server.stop(),
  };
}
