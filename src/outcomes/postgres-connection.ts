import type { Pool, PoolClient } from 'pg';

import { OutcomeStoreError, type OutcomeStoreErrorCode } from './store.js';

/**
 * Runs `work` in a transaction on one connection. It is read committed, whatever the default: a statement that follows a lock
 * must see what the previous holder of the lock wrote.
 */
export async function inPostgresTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  end: 'COMMIT' | 'ROLLBACK' = 'COMMIT',
): Promise<T> {
  const client = await pool.connect();
  // Between two statements only this listener receives a connection error. Without it the error would end the process.
  client.on('error', ignore);
  let failure: Error | boolean = true;
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    const result = await work(client);
    await client.query(end);
    failure = false;
    return result;
  } finally {
    client.off('error', ignore);
    // Closes the connection after a failure, which rolls the transaction back.
    client.release(failure);
  }
}

function ignore(): void {
  // The next statement fails with the same error.
}

interface Remedy {
  readonly code: OutcomeStoreErrorCode;
  readonly problem: string;
  readonly isTransient?: boolean;
}

const UNREACHABLE: Remedy = {
  code: 'unreachable',
  problem: 'cannot be reached: check that PostgreSQL runs there, and that the URL is right',
  isTransient: true,
};

const NO_TLS: Remedy = {
  code: 'unusable',
  problem: 'does not agree with this process on TLS: correct sslmode in the URL, or the certificates',
};

const NO_ROLE: Remedy = { code: 'unauthenticated', problem: 'refuses the login: correct user and password in the URL' };

/** Whether a transaction failed because of another one, so that it can be run again. SQLSTATE class 40. */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && ((error as NodeJS.ErrnoException).code ?? '').startsWith('40');
}

/** By SQLSTATE, or by its class (the first two characters). */
const REMEDIES: Readonly<Record<string, Remedy>> = {
  '28': NO_ROLE,
  '3D': { code: 'not-found', problem: 'does not exist: create the database (createdb), or correct the URL' },
  '25006': {
    code: 'read-only',
    problem: 'is read-only: the URL must name the primary, not a standby',
    isTransient: true,
  },
  '42501': {
    code: 'forbidden',
    problem:
      'lacks privileges: grant SELECT, INSERT, UPDATE (for campaigns also DELETE) on its tables temporal_polyai_*, and CREATE ' +
      'on the schema if the tables do not exist yet',
  },
  '42P01': { code: 'not-found', problem: 'has lost its tables: restart the worker, which creates them' },
  '40': { code: 'locked', problem: 'is being changed by others too often: try again', isTransient: true },
  '53': { code: 'full', problem: 'is out of resources: free disk space or connections', isTransient: true },
  '57014': { code: 'locked', problem: 'took too long: find what locks its tables or loads it', isTransient: true },
  '08P01': {
    code: 'unusable',
    problem:
      'refuses the connection: behind PgBouncer, add statement_timeout to its ignore_startup_parameters; else see the message',
  },
};

/**
 * An error of the driver or the database as an `OutcomeStoreError`. It includes the error's message but not its `detail`,
 * which shows the row.
 */
export function explainPostgresError(redactedUrl: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OutcomeStoreError || error instanceof TypeError) return error;
  const { code } = error as NodeJS.ErrnoException;
  // When both addresses of "localhost" fail, the error has a code and no message.
  const message = error.message || code || error.name;
  const remedy = remedyFor(code, message);
  return new OutcomeStoreError(redactedUrl, { ...remedy, problem: `${remedy.problem} (${message})` });
}

/** An error without a SQLSTATE comes from the network, TLS or the driver, which names what it lacks in its message alone. */
function remedyFor(code: string | undefined, message: string): Remedy {
  const isSqlState = code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
  if (!isSqlState) {
    if (message.startsWith('SASL')) return NO_ROLE;
    return /CERT|ERR_TLS/.test(code ?? '') || message.includes('does not support SSL') ? NO_TLS : UNREACHABLE;
  }
  if (code.startsWith('08') && code !== '08P01') return UNREACHABLE;
  if (code.startsWith('57P')) return UNREACHABLE;
  return REMEDIES[code] ?? REMEDIES[code.slice(0, 2)] ?? { code: 'unusable', problem: 'failed' };
}
