import type { Database } from 'libsql';

import { OUTCOME_COLUMNS } from './rows.js';
import { inSqliteTransaction } from './sqlite-file.js';
import { newerSchemaError, olderSchemaError, OutcomeStoreError } from './store.js';

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

/** Rejects a file that a newer version migrated, and one of another program. Reads only. */
export function verifySqlite(db: Database, redactedUrl: string): void {
  const version = versionOf(db);
  if (version > MIGRATIONS.length) throw newerSchemaError(redactedUrl, version);
  const foreign = isForeign(db, version);
  // Another process has migrated between the two reads.
  if (versionOf(db) !== version) return verifySqlite(db, redactedUrl);
  if (foreign) {
    throw new OutcomeStoreError(redactedUrl, {
      code: 'unusable',
      problem: 'is a database of another program: use another file',
    });
  }
}

/** Rejects also a file whose tables this version would have to create or update. Reads only. */
export function requireMigratedSqlite(db: Database, redactedUrl: string): void {
  verifySqlite(db, redactedUrl);
  if (versionOf(db) < MIGRATIONS.length) throw olderSchemaError(redactedUrl);
}

/** Creates or updates the tables. Several processes may do so at the same time. */
export function migrateSqlite(db: Database, redactedUrl: string): void {
  if (versionOf(db) === MIGRATIONS.length) return;
  inSqliteTransaction(db, () => {
    // Another process may have migrated in the meantime.
    verifySqlite(db, redactedUrl);
    for (const migration of MIGRATIONS.slice(versionOf(db))) db.exec(migration);
    writeSchemaVersion(db);
  });
}

/** Also a write that changes nothing, with which `check` proves that the file can be written. */
export function writeSchemaVersion(db: Database): void {
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
}

/** Other programs number their schemas as well, so the number alone does not tell. */
function isForeign(db: Database, version: number): boolean {
  if (version === 0) return db.prepare("SELECT 1 FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").all().length > 0;
  const columns = db.prepare("SELECT name FROM pragma_table_info('outcomes')").all() as { readonly name: string }[];
  const names = new Set(columns.map(({ name }) => name));
  return OUTCOME_COLUMNS.some((column) => !names.has(column));
}

function versionOf(db: Database): number {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { readonly user_version: number };
  return version;
}
