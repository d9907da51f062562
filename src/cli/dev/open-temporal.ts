import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../../contract/names.js';
import { startDevServer } from '../../temporal-server/start-dev-server.js';
import { loadPlaygroundConfig, loadTemporalConfig, type TemporalConfig } from '../../worker/temporal-config.js';
import type { DevOptions } from './run-dev.js';

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
