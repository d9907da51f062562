import { mkdirSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import { inject } from 'vitest';

import { CALL_STATUS_SEARCH_ATTRIBUTE } from '../../src/contract/names.js';
import type { DevServer } from '../../src/playground/temporal-server.js';

export const CALL_STATUS_ATTRIBUTE = {
  name: CALL_STATUS_SEARCH_ATTRIBUTE,
  type: SearchAttributeType.KEYWORD,
} as const;

/** Also on a busy machine a dev server is ready by then. */
export const READY_TIMEOUT_MS = 100_000;

/** A dev server that all test processes use, each file in a namespace of its own. */
export interface SharedDevServer {
  readonly address: string;
  /** They have the search attribute `PolyAiCallStatus`, which could not be used at once in a new one. */
  readonly namespaces: readonly string[];
  /** A folder with an entry for each namespace that is taken. */
  readonly claims: string;
}

/** A namespace that nobody else uses. */
export async function claimNamespace({ searchAttributes }: { readonly searchAttributes: boolean }): Promise<DevServer> {
  const { address, namespaces, claims } = inject('sharedDevServer');
  const namespace = searchAttributes
    ? namespaces.find((name) => claim(join(claims, name)))
    : await registerNamespace(address);
  if (namespace === undefined) throw new Error(`all ${namespaces.length} namespaces of the dev server are taken`);
  return { address, namespace, stop: () => Promise.resolve() };
}

/** @returns whether no other process has it */
function claim(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

async function registerNamespace(address: string): Promise<string> {
  const namespace = `plain-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    const workflowExecutionRetentionPeriod = { seconds: 86_400 } as never;
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    return namespace;
  } finally {
    await connection.close();
  }
}
