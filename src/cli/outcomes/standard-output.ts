import { once } from 'node:events';

/** Writes to stdout no faster than it is read. */
export async function writeStandardOutput(text: string, signal?: AbortSignal): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain', { signal });
}
