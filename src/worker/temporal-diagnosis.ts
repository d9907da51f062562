import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsConnectionOptions } from 'node:tls';

import { errorMessage } from '../platform/error-message.js';
import { GRPC_STATUS, grpcStatusOf, isAccessDenied } from '../platform/grpc.js';
import type { TemporalConfig } from './temporal-config.js';

/** What prevents a connection, and what to do about it. */
interface ConnectionProblem {
  readonly found: string;
  readonly remedy: string;
}

/** An error that says where Temporal was expected, why it cannot be reached, and what to start or set. */
export async function temporalUnreachableError(config: TemporalConfig, cause: unknown): Promise<Error> {
  const { found, remedy } = await diagnoseConnection(config, cause);
  return new Error(`cannot reach Temporal at ${config.address}: ${remedy}: ${found}`, { cause });
}

/** Finds out whether the address, TLS or the credentials are the reason why a connection failed. */
export async function diagnoseConnection(config: TemporalConfig, error: unknown): Promise<ConnectionProblem> {
  const { address } = config;
  if (isAccessDenied(error)) {
    return problem(
      `${address} rejects the credentials: ${reasonOf(error)}`,
      'set TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
    );
  }
  if (grpcStatusOf(error) === GRPC_STATUS.UNIMPLEMENTED) {
    return problem(`${address} answers, but not as Temporal does: ${reasonOf(error)}`, 'set TEMPORAL_ADDRESS');
  }
  return await probeSockets(config, error);
}

function problem(found: string, remedy: string): ConnectionProblem {
  return { found, remedy };
}

const NATIVE_ERROR = /tonic::|hyper::|\bcode: '/;
const NATIVE_STATUS = /code: '([^']*)', message: "([^"]*)"/;

/** The first line of an error. The SDK's native connection shows Rust values: of these only the server's own words. */
function reasonOf(error: unknown): string {
  const [line = ''] = errorMessage(error).split('\n');
  if (!NATIVE_ERROR.test(line)) return line;
  const [, code, message] = NATIVE_STATUS.exec(line) ?? [];
  return code === undefined ? 'no connection' : `${message} (${code})`;
}

const PROBE_TIMEOUT_MS = 1_500;
/** With TLS 1.3 a server rejects a client's certificate after the handshake. */
const REJECTION_WAIT_MS = 300;

const SET_TLS = 'check TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_NAME and TEMPORAL_TLS_CLIENT_CERT_PATH';

/** Connects again with plain TCP and TLS sockets, whose errors are more precise than those of gRPC. */
async function probeSockets(config: TemporalConfig, error: unknown): Promise<ConnectionProblem> {
  const { address, connectionOptions } = config;
  const target = parseAddress(address);
  if (!target) return problem(`${address} cannot be reached: ${reasonOf(error)}`, 'set TEMPORAL_ADDRESS to host:port');
  const tcpProblem = await problemOf(connectTcp(target), 'connect', 0);
  if (tcpProblem !== undefined) {
    return problem(
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
    return problem(`${address} can be reached, but not over TLS: ${tlsProblem}`, SET_TLS);
  }
  if (!usesTls && tlsProblem === undefined) {
    return problem(`${address} uses TLS, and TLS is off here`, 'set TEMPORAL_TLS=true, or TEMPORAL_API_KEY');
  }
  return problem(
    `something listens at ${address}, but it is not Temporal, or not ready: ${reasonOf(error)}`,
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
