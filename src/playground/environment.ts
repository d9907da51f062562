import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../contract/names.js';
import type { DisposalStack } from '../platform/disposal.js';
import { errorMessage } from '../platform/error-message.js';
import { type Simulator, startSimulator } from '../simulator/server.js';
import { loadPlaygroundConfig, loadTemporalConfig, type TemporalConfig } from '../worker/temporal-config.js';
import { locateServerExecutable } from './executables.js';
import { startDevServer } from './temporal-server.js';

/** The Temporal server of `dev` or `demo`. */
export interface PlaygroundTemporal extends TemporalConfig {
  /** Whether it is a dev server that was started here. */
  readonly isOwn: boolean;
  /** Known only of a dev server that was started here. */
  readonly uiUrl?: string | undefined;
}

interface OpenTemporalOptions {
  /** SQLite file of the dev server's data. */
  readonly dbFilename: string;
  readonly logFile?: string;
  /** @default a free port */
  readonly port?: number | undefined;
  /** @default a free port */
  readonly uiPort?: number | undefined;
  /** Called with one line per download. */
  readonly onProgress: (line: string) => void;
  /** Aborts a download, and the start of the server. */
  readonly signal: AbortSignal;
  readonly disposal: DisposalStack;
}

/** Uses the server in TEMPORAL_ADDRESS, else starts a dev server. */
export async function openTemporal(options: OpenTemporalOptions): Promise<PlaygroundTemporal> {
  const { onProgress, signal, disposal, ...serverOptions } = options;
  const configured = loadTemporalConfig();
  const { isServerNamed, namespace } = loadPlaygroundConfig();
  if (isServerNamed) return { ...configured, isOwn: false };
  const executablePath = await locateServerExecutable('dev-server', { onProgress, signal });
  const searchAttributes = [CALL_STATUS_SEARCH_ATTRIBUTE, ALARM_SEARCH_ATTRIBUTE].map((name) =>
    defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
  );
  const server = await startDevServer({ ...serverOptions, executablePath, namespace, searchAttributes, signal });
  disposal.defer(() => server.stop());
  const { address, uiUrl } = server;
  return { connectionOptions: { address }, namespace: server.namespace, address, uiUrl, isOwn: true };
}

const TERMINATE_TIMEOUT_MS = 2_000;

/** On a server that outlives the demo, no workflow should wait for a worker that will never poll. */
export async function terminateWorkflow(client: Client, workflowId: string): Promise<void> {
  const terminate = () => client.workflow.getHandle(workflowId).terminate('the demo has ended');
  await client.withDeadline(Date.now() + TERMINATE_TIMEOUT_MS, terminate).catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  });
}

/**
 * Starts the simulator.
 *
 * @param port 0 takes a free one
 */
export async function startSimulatorOn(port: number, disposal: DisposalStack): Promise<Simulator> {
  const simulator = await startSimulator({ port }).catch((error: unknown) => {
    throw new Error(`the simulator cannot listen; choose another port with --simulator-port: ${errorMessage(error)}`);
  });
  return disposal.adopt(simulator, () => simulator.close());
}
