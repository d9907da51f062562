import { OutcomeStoreError } from './outcome-store-error.js';

/** By SQLSTATE, and by its first two characters, which name its class. */
const REMEDIES: Readonly<Record<string, string>> = {
  '28': 'refuses the login: correct user and password in POLYAI_OUTCOMES_URL',
  '3D': 'is not there: create it (createdb), or name another in POLYAI_OUTCOMES_URL',
  '25006': 'is read-only: name the primary, not a standby, in POLYAI_OUTCOMES_URL',
  '42501':
    'lacks rights: grant SELECT, INSERT and UPDATE on its tables temporal_polyai_*, and CREATE on the schema where those ' +
    'are still to be made',
  '42P01': 'has lost its tables: start again, which makes them',
  '53': 'has no room: free disk space or connections',
  '57014': 'took too long: look for what locks its tables or loads it',
  '08P01':
    'refuses the connection: behind PgBouncer, add statement_timeout to its ignore_startup_parameters; else see what it says',
};

const UNREACHABLE = 'cannot be reached: see that PostgreSQL runs there, and that POLYAI_OUTCOMES_URL is right';

/** Says what to do. What the database says goes along, but not its details: they show the row. */
export function explainPostgresError(shown: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OutcomeStoreError || error instanceof TypeError) return error;
  const { code } = error as NodeJS.ErrnoException;
  // Both addresses of "localhost" failed: that error has no message of its own.
  const said = error.message || code || error.name;
  const remedy = remedyFor(code);
  return new OutcomeStoreError(shown, `${remedy} (${said})`, remedy === UNREACHABLE || isPassing(code));
}

/** A failover, too many connections for now, a lock: by SQLSTATE. */
function isPassing(code: string | undefined): boolean {
  return code === '25006' || code === '57014' || code?.startsWith('53') === true;
}

/** Without a SQLSTATE it is the network's or the driver's own: both speak of connections and time limits only. */
function remedyFor(code: string | undefined): string {
  const isSqlState = code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
  if (!isSqlState) return UNREACHABLE;
  if (code.startsWith('08') && code !== '08P01') return UNREACHABLE;
  if (code.startsWith('57P')) return UNREACHABLE;
  return REMEDIES[code] ?? REMEDIES[code.slice(0, 2)] ?? 'does not do what it is asked';
}
