import { OutcomeStoreError, type OutcomeStoreProblem } from './store.js';

const BUSY = 5;
const LOCKED = 6;
/** SQLITE_PROTOCOL: the race for the locks of the write-ahead log was lost many times in a row. */
const PROTOCOL = 15;

const FAILED_TO_OPEN = /^ConnectionFailed\(.*: (\d+)"\)$/s;

type Remedy = Pick<OutcomeStoreProblem, 'code' | 'problem'>;

const NO_ACCESS = 'forbidden' as const;
const NO_FOLDER = 'cannot be created: give this process write access to the folder';

/** By SQLite's primary result code. */
const SQLITE_REMEDIES: Readonly<Record<number, Remedy>> = {
  3: { code: NO_ACCESS, problem: 'cannot be read and written: give this process access to the file and its folder' },
  8: { code: 'read-only', problem: 'cannot be written to: give this process write access to the file and its folder' },
  10: { code: 'unusable', problem: 'cannot be read or written: check the disk, and keep the file off network drives' },
  11: { code: 'damaged', problem: 'is damaged: restore a backup, or use another file' },
  13: { code: 'full', problem: 'cannot grow: the disk is full, free some space' },
  14: { code: NO_ACCESS, problem: 'cannot be opened: give this process access to the file and its folder' },
  26: { code: 'damaged', problem: 'is not a SQLite database: use another file' },
};

/** By the code of a file system error. */
const FILE_REMEDIES: Readonly<Record<string, Remedy>> = {
  EACCES: { code: NO_ACCESS, problem: NO_FOLDER },
  EPERM: { code: NO_ACCESS, problem: NO_FOLDER },
  EROFS: { code: 'read-only', problem: 'cannot be created: the file system is read-only, use a file elsewhere' },
  ENOSPC: { code: 'full', problem: 'cannot be created: the disk is full, free some space' },
  ENOTDIR: { code: 'not-found', problem: 'cannot be created: a part of its path is a file, use another path' },
  EEXIST: { code: 'not-found', problem: 'cannot be created: its folder is a file, use another path' },
};

/** Whether another connection holds a lock, so that waiting helps. */
export function isBusy(error: unknown): boolean {
  return [BUSY, LOCKED, PROTOCOL].includes(primaryCodeOf(error) ?? 0);
}

/** An error of SQLite, its driver or the file system as an `OutcomeStoreError`. */
export function explainSqliteError(redactedUrl: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OutcomeStoreError || error instanceof TypeError) return error;
  if (isBusy(error)) {
    const problem = 'is locked by another program for too long: end that program, or try again';
    return new OutcomeStoreError(redactedUrl, { code: 'locked', problem, isTransient: true });
  }
  const { code } = error as NodeJS.ErrnoException;
  const remedy = SQLITE_REMEDIES[primaryCodeOf(error) ?? 0] ?? FILE_REMEDIES[code ?? ''];
  const { problem } = remedy ?? { problem: 'cannot be used' };
  return new OutcomeStoreError(redactedUrl, {
    code: remedy?.code ?? 'unusable',
    problem: `${problem} (${error.message})`,
  });
}

function primaryCodeOf(error: unknown): number | undefined {
  const { rawCode, message } = error as { readonly rawCode?: unknown; readonly message?: string };
  // For a file that cannot be opened, libsql gives the code in the message only.
  const code = rawCode ?? FAILED_TO_OPEN.exec(message ?? '')?.[1];
  return code === undefined ? undefined : Number(code) & 0xff;
}
