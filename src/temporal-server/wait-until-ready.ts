import { setTimeout as delay } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';

const NAMESPACE_RETRY_MS = 50;
const GRPC_NOT_FOUND = 5;
const CHANNEL_ARGS = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 200 };

/** The server to wait for. */
export interface AwaitedServer {
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
 * @throws Error when its process ends first, or when `timeoutMs` have passed.
 */
export async function waitUntilReady({ address, namespace, ended, timeoutMs }: AwaitedServer): Promise<void> {
  const connection = Connection.lazy({ address, connectTimeout: 2 * timeoutMs, channelArgs: CHANNEL_ARGS });
  const giveUp = new AbortController();
  const tooLate = delay(timeoutMs, undefined, { signal: giveUp.signal }).then(() => {
    throw new Error(`it did not answer within ${timeoutMs / 1_000} s`);
  });
  const died = ended.then((how) => {
    throw new Error(`its process ended: ${how}`);
  });
  try {
    await Promise.race([namespaceAnswers(connection, namespace), died, tooLate]);
  } finally {
    giveUp.abort();
    await connection.close();
  }
}

async function namespaceAnswers(connection: Connection, namespace: string): Promise<void> {
  await connection.ensureConnected();
  for (;;) {
    try {
      await connection.workflowService.describeNamespace({ namespace });
      return;
    } catch (error) {
      if (!isGrpcServiceError(error) || (error.code as number) !== GRPC_NOT_FOUND) throw error;
      await delay(NAMESPACE_RETRY_MS);
    }
  }
}
