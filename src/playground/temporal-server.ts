import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { type SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';

import { raceAbort, withTimeout } from '../platform/abortable.js';
import { errorMessage } from '../platform/error-message.js';
import { GRPC_STATUS, grpcStatusOf } from '../platform/grpc.js';
import { locateServerExecutable } from './executables.js';
import { choosePorts } from './ports.js';
import { openServerLog, spawnServer } from './server-process.js';

const HOST = '127.0.0.1';

/** No data is lost when the server is killed (only when the machine crashes), for three times the workflows per second. */
const SQLITE_PRAGMAS = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'];

/** Options of {@link startDevServer}. */
interface StartDevServerOptions {
  /** The CLI to run. @default what `locateServerExecutable('dev-server')` finds */
  readonly executablePath?: string | undefined;
  /** SQLite file of the server's data; its folder is created. @default none: the data is in memory */
  readonly dbFilename?: string | undefined;
  /** Created at start if it does not exist. @default "default" */
  readonly namespace?: string | undefined;
  /** Port of the gRPC frontend on 127.0.0.1. @default a free one */
  readonly port?: number | undefined;
  /** Port of the Web UI on 127.0.0.1. @default a free one */
  readonly uiPort?: number | undefined;
  /** Whether to serve the Web UI. @default true */
  readonly ui?: boolean | undefined;
  /** Search attributes to register at start, as `defineSearchAttributeKey` makes them. */
  readonly searchAttributes?: readonly { readonly name: string; readonly type: SearchAttributeType }[] | undefined;
  /** Further arguments of `temporal server start-dev`. */
  readonly extraArgs?: readonly string[] | undefined;
  /** Called with one line per download. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** File that the server's warnings are appended to. @default none: they are dropped */
  readonly logFile?: string | undefined;
  /** Aborts the start; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long the server may take to be ready, in milliseconds. @default 30_000 */
  readonly readyTimeoutMs?: number | undefined;
}

/** A running dev server. */
export interface DevServer {
  /** `host:port` of its gRPC frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Address of its Web UI, unless that is off. */
  readonly uiUrl?: string;
  /**
   * Stops the server and resolves when its process has ended: at once when the data was in memory, otherwise within about a
   * second, and by SIGKILL after 5 s. Repeated calls have no effect.
   */
  stop(): Promise<void>;
}

/**
 * Starts a Temporal dev server and resolves once its namespace can be used. Ctrl-C in the terminal does not reach the
 * server, so that a worker can shut down against it: call `stop`. The server does not keep this process alive, and is
 * killed when this process ends, even by SIGKILL (on Windows: except by that).
 *
 * @throws {Error} when there is no executable ({@link locateServerExecutable}), when a requested port is in use, or when the
 * server ends at start or is not ready in time; the message then has the end of its output.
 */
export async function startDevServer(options: StartDevServerOptions = {}): Promise<DevServer> {
  const { namespace = 'default', ui = true, dbFilename, onProgress, readyTimeoutMs = 30_000 } = options;
  const executable = options.executablePath ?? (await locateServerExecutable('dev-server', { onProgress }));
  if (dbFilename !== undefined) await mkdir(dirname(dbFilename), { recursive: true });
  const [port, uiPort] = await choosePorts(HOST, [options.port, ...(ui ? [options.uiPort] : [])]);
  const address = `${HOST}:${port}`;
  const log = openServerLog(options.logFile);
  const server = spawnServer(executable, serverArguments(options, namespace, [port, uiPort]), log.descriptor);
  try {
    const ready = waitUntilReady({ address, namespace, ended: server.ended, timeoutMs: readyTimeoutMs });
    await raceAbort(ready, options.signal);
  } catch (error) {
    await server.stop('SIGKILL');
    options.signal?.throwIfAborted();
    throw new Error(`The Temporal dev server (${executable}) did not start: ${errorMessage(error)}\n${log.tail()}`, {
      cause: error,
    });
  } finally {
    log.close();
  }
  // With the data in memory nothing needs a graceful shutdown, which takes a second.
  const stop = () => server.stop(dbFilename === undefined ? 'SIGKILL' : 'SIGTERM');
  return { address, namespace, ...(uiPort !== undefined && { uiUrl: `http://${HOST}:${uiPort}` }), stop };
}

function serverArguments(
  { dbFilename, searchAttributes = [], extraArgs = [] }: StartDevServerOptions,
  namespace: string,
  [port, uiPort]: readonly (number | undefined)[],
): string[] {
  return [
    'server',
    'start-dev',
    '--ip',
    HOST,
    '--port',
    String(port),
    '--namespace',
    namespace,
    '--log-level',
    'warn',
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(dbFilename === undefined ? [] : ['--db-filename', dbFilename, ...SQLITE_PRAGMAS]),
    ...searchAttributes.flatMap(({ name, type }) => [
      '--search-attribute',
      `${name}=${TypedSearchAttributes.toMetadataType(type)}`,
    ]),
    // As the SDK does: prevents the server's requests for newer versions.
    '--dynamic-config-value',
    'frontend.enableServerVersionCheck=false',
    ...extraArgs,
  ];
}

const NAMESPACE_RETRY_MS = 50;
const CHANNEL_ARGS = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 200 };

interface ReadinessCheck {
  /** `host:port` of its gRPC frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Resolves to the reason when its process ends. */
  readonly ended: Promise<string>;
  readonly timeoutMs: number;
}

/**
 * Resolves when the server answers over gRPC and has the namespace.
 *
 * @throws {Error} when its process ends first, or when `timeoutMs` have passed.
 */
async function waitUntilReady({ address, namespace, ended, timeoutMs }: ReadinessCheck): Promise<void> {
  const connection = Connection.lazy({ address, connectTimeout: 2 * timeoutMs, channelArgs: CHANNEL_ARGS });
  const exited = ended.then((how) => {
    throw new Error(`its process ended: ${how}`);
  });
  const onTimeout = (): never => {
    throw new Error(`it did not answer within ${timeoutMs / 1_000} s`);
  };
  try {
    await withTimeout(timeoutMs, Promise.race([waitForNamespace(connection, namespace), exited]), onTimeout);
  } finally {
    await connection.close();
  }
}

async function waitForNamespace(connection: Connection, namespace: string): Promise<void> {
  await connection.ensureConnected();
  for (;;) {
    try {
      await connection.workflowService.describeNamespace({ namespace });
      return;
    } catch (error) {
      if (grpcStatusOf(error) !== GRPC_STATUS.NOT_FOUND) throw error;
      await delay(NAMESPACE_RETRY_MS);
    }
  }
}
