import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';

import { GRPC_STATUS, grpcStatusOf } from '../../platform/grpc.js';
import type { TemporalConfig } from '../../worker/temporal-config.js';
import { TEMPORAL_CONNECT_TIMEOUT_MS } from '../temporal.js';
import { failure, type Finding, firstLineOf, ok } from './report.js';
import { isAccessDenied, type TemporalAccess } from './temporal.js';

interface CheckedTemporal {
  readonly finding: Finding;
  /** Absent when the finding is a failure. */
  readonly access?: TemporalAccess;
}

/** Connects to Temporal. When that fails, finds out whether the address, TLS or the credentials are the reason. */
export async function checkTemporal(config: TemporalConfig): Promise<CheckedTemporal> {
  let connection: Connection | undefined;
  try {
    const options: ConnectionOptions = {
      ...config.connectionOptions,
      connectTimeout: TEMPORAL_CONNECT_TIMEOUT_MS,
      // A retry by the SDK after the connection is closed would throw out of a timer and end the process.
      interceptors: [],
    };
    connection = Connection.lazy(options);
    await connection.ensureConnected();
    const deadline = Date.now() + TEMPORAL_CONNECT_TIMEOUT_MS;
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
    return { finding: await diagnose(config, error) };
  }
}

async function diagnose(config: TemporalConfig, error: unknown): Promise<Finding> {
  const { address } = config;
  if (isAccessDenied(error)) {
    return failure(
      `${address} rejects the credentials: ${firstLineOf(error)}`,
      'set TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
    );
  }
  if (grpcStatusOf(error) === GRPC_STATUS.UNIMPLEMENTED) {
    return failure(`${address} answers, but not as Temporal does: ${firstLineOf(error)}`, 'set TEMPORAL_ADDRESS');
  }
  return await probeSockets(config, error);
}

const PROBE_TIMEOUT_MS = 1_500;
/** With TLS 1.3 a server rejects a client's certificate after the handshake. */
const REJECTION_WAIT_MS = 300;

const SET_TLS = 'check TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_NAME and TEMPORAL_TLS_CLIENT_CERT_PATH';

/** Connects again with plain TCP and TLS sockets, whose errors are more precise than those of gRPC. */
async function probeSockets(config: TemporalConfig, error: unknown): Promise<Finding> {
  const { address, connectionOptions } = config;
  const target = parseAddress(address);
  if (!target)
    return failure(`${address} cannot be reached: ${firstLineOf(error)}`, 'set TEMPORAL_ADDRESS to host:port');
  const tcpProblem = await problemOf(connectTcp(target), 'connect', 0);
  if (tcpProblem !== undefined) {
    return failure(
      `nothing answers at ${address} (${tcpProblem})`,
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
    usesTls ? REJECTION_WAIT_MS : 0,
  );
  if (usesTls && tlsProblem !== undefined) {
    return failure(`${address} can be reached, but not over TLS: ${tlsProblem}`, SET_TLS);
  }
  if (!usesTls && tlsProblem === undefined) {
    return failure(`${address} uses TLS, and TLS is off here`, 'set TEMPORAL_TLS=true, or TEMPORAL_API_KEY');
  }
  return failure(
    `something listens at ${address}, but it is not Temporal, or not ready: ${firstLineOf(error)}`,
    'set TEMPORAL_ADDRESS; a server that has just started needs a moment',
  );
}

/** Parses an address as the SDK does: the default port is 7233, an IPv6 address is in brackets. */
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

/** The error that a socket has before its event, or within `waitMs` after it. */
function problemOf(socket: Socket, event: 'connect' | 'secureConnect', waitMs: number): Promise<string | undefined> {
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
      setTimeout(settle, waitMs);
    });
  });
}
