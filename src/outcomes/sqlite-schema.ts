import type { Database } from 'libsql';

import { inTransaction } from './sqlite-file.js';
import { newerSchemaError } from './store.js';

/** Migration N leads to schema version N+1. A released migration never changes: users query these tables. */
const MIGRATIONS = [
  `
  CREATE TABLE outcomes (
    call_sid TEXT NOT NULL PRIMARY KEY,
    account TEXT,
    status TEXT,
    reason TEXT NOT NULL,
    ending_type TEXT,
    ending_message TEXT,
    last_status TEXT,
    last_raw_status TEXT,
    last_reason TEXT,
    last_seen_at TEXT,
    polls INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    workflow_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    timeline TEXT NOT NULL
  );
  CREATE INDEX outcomes_by_time ON outcomes (saved_at, call_sid);
  CREATE INDEX outcomes_without_status ON outcomes (saved_at, call_sid) WHERE status IS NULL;
  `,
] as const;

/** Creates or updates the tables. Several processes may do so at the same time. */
export function migrateSqlite(db: Database, redactedUrl: string): void {
  if (versionOf(db, redactedUrl) === MIGRATIONS.length) return;
  inTransaction(db, () => {
    // Another process may have migrated in the meantime.
    for (const migration of MIGRATIONS.slice(versionOf(db, redactedUrl))) db.exec(migration);
    writeSchemaVersion(db);
  });
}

/** Also a write that changes nothing, with which `check` proves that the file can be written. */
export function writeSchemaVersion(db: Database): void {
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
}

function versionOf(db: Database, redactedUrl: string): number {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { readonly user_version: number };
  if (version > MIGRATIONS.length) throw newerSchemaError(redactedUrl, version);
  return version;
}
