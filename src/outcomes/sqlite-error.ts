import { OutcomeStoreError } from './outcome-store-error.js';

const BUSY = 5;
const LOCKED = 6;
/** The race for the locks of the write-ahead log was lost many times in a row. */
const PROTOCOL = 15;

const FAILED_TO_OPEN = /^ConnectionFailed\(.*: (\d+)"\)$/s;

/** By SQLite's primary result codes. */
const REMEDIES: Readonly<Record<number, string>> = {
  3: 'cannot be read and written: give this process access to the file and its folder',
  8: 'cannot be written to: give this process write access to the file and its folder',
  10: 'cannot be read or written: look after the disk, and keep the file off network drives',
  11: 'is damaged: put a backup in its place, or name another file',
  13: 'cannot take more: the disk is full, free some space',
  14: 'cannot be opened: give this process access to the file and its folder',
  26: 'is no SQLite database: name another file',
};

const FILE_REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'cannot be made: give this process write access to the folder',
  EPERM: 'cannot be made: give this process write access to the folder',
  EROFS: 'cannot be made: the file system is read-only, name a file elsewhere',
  ENOSPC: 'cannot be made: the disk is full, free some space',
  ENOTDIR: 'cannot be made: a part of its path is a file, name another',
  EEXIST: 'cannot be made: its folder is a file, name another',
};

/** Whether another connection was in the way, so that waiting helps. */
export function isBusy(error: unknown): boolean {
  return [BUSY, LOCKED, PROTOCOL].includes(primaryCodeOf(error) ?? 0);
}

/** Says what to do. */
export function explainSqliteError(shown: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OutcomeStoreError || error instanceof TypeError) return error;
  if (isBusy(error)) {
    return new OutcomeStoreError(shown, 'is locked by another program for too long: end that, or try again', true);
  }
  const { code } = error as NodeJS.ErrnoException;
  const remedy = REMEDIES[primaryCodeOf(error) ?? 0] ?? FILE_REMEDIES[code ?? ''];
  return new OutcomeStoreError(shown, `${remedy ?? 'cannot be used'} (${error.message})`);
}

function primaryCodeOf(error: unknown): number | undefined {
  const { rawCode, message } = error as { readonly rawCode?: unknown; readonly message?: string };
  // Of a file that could not even be opened, libsql tells the code in the message only.
  const code = rawCode ?? FAILED_TO_OPEN.exec(message ?? '')?.[1];
  return code === undefined ? undefined : Number(code) & 0xff;
}
