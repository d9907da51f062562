import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import type { Client, ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
// Not public entries: the dev server and the choice of ports that the tests and the demo use, the same for every build.
import { startDevServer } from '../../../dist/playground/temporal-server.js';
import { choosePorts } from '../../../dist/playground/ports.js';
import { childrenWith } from '../measure/process-usage.js';
import type { CommonOptions } from '../options.js';
import type { PackageBuild } from '../package-build.js';

/** The Temporal server of one run. */
export interface TemporalServer {
  readonly client: Client;
  /** Makes requests of the client; `stop` cancels them. */
  readonly cancelOnStop: <T>(request: () => Promise<T>) => Promise<T>;
  /** Empty when another server is used and its processes are not known. */
  readonly pids: readonly number[];
  /** Whether it was started for this run; its data is then removed after it. */
  readonly isOurs: boolean;
  /** Environment with which a worker reaches it. */
  readonly env: Readonly<Record<string, string>>;
  /** Heartbeats that have reached it; absent when its metrics are not known. */
  readonly heartbeats?: () => Promise<number>;
  stop(): Promise<void>;
}

type TemporalSdk = PackageBuild['temporal'];

/** Whether `TEMPORAL_ADDRESS` names a server to use. */
export function usesForeignServer(): boolean {
  return Boolean(process.env['TEMPORAL_ADDRESS']);
}

/**
 * Connects to the server at `TEMPORAL_ADDRESS`, or starts a dev server.
 *
 * @param folder for the database
 * @param sdk the client to connect with
 */
export async function openTemporal(folder: string, options: CommonOptions, sdk: TemporalSdk): Promise<TemporalServer> {
  return usesForeignServer() ? await openForeignServer(options, sdk) : await startOwnServer(folder, sdk);
}

async function openForeignServer(
  { serverPids, serverMetrics }: CommonOptions,
  sdk: TemporalSdk,
): Promise<TemporalServer> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const { client, cancelOnStop, cancel } = await connect(sdk, connectionOptions, namespace);
  return {
    ...{ client, cancelOnStop, pids: serverPids, isOurs: false, env: {} },
    ...(serverMetrics !== undefined && { heartbeats: () => readHeartbeats(serverMetrics, namespace) }),
    stop: () => Promise.resolve(cancel()),
  };
}

async function startOwnServer(folder: string, sdk: TemporalSdk): Promise<TemporalServer> {
  const [metricsPort] = await choosePorts('127.0.0.1', [undefined]);
  const server = await startDevServer({
    dbFilename: join(folder, 'temporal.sqlite'),
    ui: false,
    extraArgs: ['--metrics-port', `${metricsPort}`],
    onProgress: console.log,
  });
  const { address, namespace } = server;
  const { client, cancelOnStop, cancel } = await connect(sdk, { address }, namespace);
  return {
    ...{ client, cancelOnStop, isOurs: true },
    pids: childrenWith(['start-dev', `${metricsPort}`]),
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
    heartbeats: () => readHeartbeats(`http://127.0.0.1:${metricsPort}/metrics`, namespace),
    async stop() {
      cancel();
      await server.stop();
    },
  };
}

/** The connection stays open: after `close` the SDK throws an uncaught error when it retries a request. */
async function connect(sdk: TemporalSdk, options: ConnectionOptions, namespace: string) {
  const connection = await sdk.Connection.connect(options);
  const stopped = new AbortController();
  setMaxListeners(0, stopped.signal);
  return {
    client: new sdk.Client({ connection, namespace }),
    cancelOnStop: <T>(request: () => Promise<T>) => connection.withAbortSignal(stopped.signal, request),
    cancel: () => stopped.abort(),
  };
}

/**
 * Activity heartbeats that have reached the server since its start, from the Prometheus metrics of its frontend. Those that
 * the worker's SDK throttles never get there, and are not billed.
 */
async function readHeartbeats(url: string, namespace: string): Promise<number> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}: no metrics of a Temporal server`);
  const labels = [
    'operation="RecordActivityTaskHeartbeat"',
    'service_name="frontend"',
    `namespace="${namespace.replace(/["\\]/g, '\\$&')}"`,
  ];
  return (await response.text())
    .split('\n')
    .filter((line) => line.startsWith('service_requests{') && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
