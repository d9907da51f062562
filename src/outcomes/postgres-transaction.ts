import type { Pool, PoolClient } from 'pg';

/** Runs `work` in a transaction on one connection. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  end: 'COMMIT' | 'ROLLBACK' = 'COMMIT',
): Promise<T> {
  const client = await pool.connect();
  // Between two statements nobody but us would hear that the connection broke, and an error unheard ends the process.
  client.on('error', ignore);
  let failure: Error | boolean = true;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query(end);
    failure = false;
    return result;
  } finally {
    client.off('error', ignore);
    // A connection with an open transaction is closed, which rolls it back.
    client.release(failure);
  }
}

function ignore(): void {
  // The next statement fails with it.
}
