import { loadClientConnectConfig } from '@temporalio/envconfig';

type ConnectConfig = ReturnType<typeof loadClientConnectConfig>;

/** How to reach Temporal: from `TEMPORAL_*` and profiles, as `@temporalio/envconfig` reads them. */
export interface TemporalConfig {
  readonly connectionOptions: ConnectConfig['connectionOptions'];
  readonly namespace: string;
  /** For messages. */
  readonly address: string;
}

/** Reads how to reach Temporal. Default: `localhost:7233`, namespace `default`. */
export function loadTemporalConfig(): TemporalConfig {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  return { connectionOptions, namespace, address: connectionOptions.address ?? 'localhost:7233' };
}
