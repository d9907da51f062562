import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const TAIL_BYTES = 2_000;

/** Where a server writes: to a file, so that it never waits for us to read. */
export interface ServerLog {
  /** The open file, to hand to the server. */
  readonly descriptor: number;
  /** The last 2,000 bytes written since it was opened. */
  tail(): string;
  close(): void;
}

/** Opens the log at `path`, to append; without a path, one without a name that is gone when nobody has it open. */
export function openServerLog(path?: string): ServerLog {
  const descriptor = path === undefined ? openNameless() : openNamed(path);
  const start = fstatSync(descriptor).size;
  return {
    descriptor,
    tail() {
      const { size } = fstatSync(descriptor);
      const from = Math.max(start, size - TAIL_BYTES);
      const bytes = Buffer.alloc(size - from);
      readSync(descriptor, bytes, 0, bytes.length, from);
      return bytes.toString().trim();
    },
    close: () => closeSync(descriptor),
  };
}

function openNamed(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a+');
}

function openNameless(): number {
  const path = join(tmpdir(), `temporal-polyai-${randomUUID()}.log`);
  const descriptor = openSync(path, 'ax+', 0o600);
  unlinkSync(path);
  return descriptor;
}
