import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';

import { GRPC_STATUS, grpcStatusOf } from '../../platform/grpc.js';
import type { TemporalConfig } from '../../worker/temporal-config.js';
import { failure, type Finding, isCredentialRefused, ok, reasonOf } from './report.js';
import type { TemporalAccess } from './temporal.js';

const PROBE_TIMEOUT_MS = 1_500;
/** With TLS 1.3 a server refuses a client's certificate after the handshake. */
const REFUSAL_MS = 300;

const SET_TLS = 'check TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_NAME and TEMPORAL_TLS_CLIENT_CERT_PATH';

/** Why gRPC found no server: tried again with bare sockets, which say more. */
async function diagnoseConnection(config: TemporalConfig, error: unknown): Promise<Finding> {
  const { address, connectionOptions } = config;
  const target = parseAddress(address);
  if (!target) return failure(`${address} cannot be reached: ${reasonOf(error)}`, 'set TEMPORAL_ADDRESS to host:port');
  const tcpProblem = await problemOf(connectTcp(target), 'connect', 0);
  if (tcpProblem !== undefined) {
    return failure(
      `nobody answers at ${address} (${tcpProblem})`,
      'start one with "temporal-polyai dev", or set TEMPORAL_ADDRESS',
    );
  }
  const { tls, apiKey } = connectionOptions;
  const usesTls = Boolean(tls ?? apiKey);
  const options = usesTls
    ? tlsOptions(typeof tls === 'object' && tls ? tls : undefined)
    : { rejectUnauthorized: false };
  const tlsProblem = await problemOf(
    connectTls({ servername: isIP(target.host) ? '' : target.host, ...target, ...options, ALPNProtocols: ['h2'] }),
    'secureConnect',
    usesTls ? REFUSAL_MS : 0,
  );
  if (usesTls && tlsProblem !== undefined) {
    return failure(`${address} can be reached, but not over TLS: ${tlsProblem}`, SET_TLS);
  }
  if (!usesTls && tlsProblem === undefined) {
    return failure(`${address} speaks TLS, and TLS is off here`, 'set TEMPORAL_TLS=true, or TEMPORAL_API_KEY');
  }
  return failure(
    `something listens at ${address}, but it is not Temporal, or not ready: ${reasonOf(error)}`,
    'set TEMPORAL_ADDRESS; a server that has just been started needs a moment',
  );
}

/** As the SDK takes them: a port is 7233 unless given, an IPv6 address stands in brackets. */
function parseAddress(address: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:/]+))(?::(\d+))?$/i.exec(address);
  const host = match?.[1] ?? match?.[2];
  return host === undefined ? undefined : { host, port: Number(match?.[3] ?? 7233) };
}

type TlsConfig = Extract<TemporalConfig['connectionOptions']['tls'], object>;

function tlsOptions(config: TlsConfig | undefined): TlsConnectionOptions {
  const { serverNameOverride: servername, serverRootCACertificate: ca, clientCertPair: pair } = config ?? {};
  return {
    ...(servername !== undefined && { servername }),
    ...(ca && { ca: Buffer.from(ca) }),
    ...(pair && { cert: Buffer.from(pair.crt), key: Buffer.from(pair.key) }),
  };
}

/** What keeps a socket from its event, or ends it right after. */
function problemOf(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  patienceMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const settle = (problem?: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(problem);
    };
    const timer = setTimeout(() => settle('no answer'), PROBE_TIMEOUT_MS);
    socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    socket.on('close', () => settle('closed'));
    socket.once(event, () => {
      socket.resume();
      setTimeout(settle, patienceMs);
    });
  });
}

/** How long a server may take that is just starting; there is no telling it from one that is not there. */
const CONNECT_TIMEOUT_MS = 5_000;

interface ReachedTemporal {
  readonly finding: Finding;
  readonly access?: TemporalAccess;
}

/** Connects to Temporal; where that fails, finds out why: nobody there, TLS, or the credentials. */
export async function reachTemporal(config: TemporalConfig): Promise<ReachedTemporal> {
  let connection: Connection | undefined;
  try {
    const options: ConnectionOptions = {
      ...config.connectionOptions,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // A retry of the SDK's that comes due once the connection is closed would end the process.
      interceptors: [],
    };
    connection = Connection.lazy(options);
    await connection.ensureConnected();
    const deadline = Date.now() + CONNECT_TIMEOUT_MS;
    const { workflowService } = connection;
    const { serverVersion } = await connection.withDeadline(deadline, () => workflowService.getSystemInfo({}));
    const { address, namespace } = config;
    const client = new Client({ connection, namespace });
    return {
      finding: ok(`${address} answers, server ${serverVersion || 'of unknown version'}`),
      access: { connection, client, address, namespace },
    };
  } catch (error) {
    await connection?.close();
    return { finding: await explain(config, error) };
  }
}

async function explain(config: TemporalConfig, error: unknown): Promise<Finding> {
  const { address } = config;
  if (isCredentialRefused(error)) {
    return failure(
      `${address} refuses the credentials: ${reasonOf(error)}`,
      'set TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
    );
  }
  if (grpcStatusOf(error) === GRPC_STATUS.UNIMPLEMENTED) {
    return failure(`${address} answers, but not as Temporal does: ${reasonOf(error)}`, 'set TEMPORAL_ADDRESS');
  }
  return await diagnoseConnection(config, error);
}
