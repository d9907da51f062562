import type { Database } from 'libsql';

/** Runs `work` in a transaction that holds the write lock from the start, so that it cannot fail half way for want of it. */
export function inTransaction<T>(db: Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // After some errors, such as a full disk, SQLite has done so itself.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
