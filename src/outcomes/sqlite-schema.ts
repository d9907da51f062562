import type { Database } from 'libsql';

import { inTransaction } from './sqlite.js';
import { newerSchemaError } from './store.js';

/** The first creates version 1, and so on. What has been released is never changed: users query these tables. */
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

/** Makes the tables, or brings those of an older version up to date. Several processes may do so at once. */
export function migrateSqlite(db: Database, shown: string): void {
  if (versionOf(db, shown) === MIGRATIONS.length) return;
  inTransaction(db, () => {
    // Another process may have been quicker.
    for (const migration of MIGRATIONS.slice(versionOf(db, shown))) db.exec(migration);
    writeSchemaVersion(db);
  });
}

/** What is in the file already, so that this write is one that changes nothing. */
export function writeSchemaVersion(db: Database): void {
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
}

function versionOf(db: Database, shown: string): number {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { readonly user_version: number };
  if (version > MIGRATIONS.length) throw newerSchemaError(shown, version);
  return version;
}
