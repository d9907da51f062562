import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { isCallSid } from '../../contract/call.js';
import type { Simulator } from '../../simulator/server.js';

/**
 * The calls that the simulator knew when it ended last; they begin anew, for a monitor that goes on would else be told
 * that there is no such call.
 */
export async function readSimulatedCalls(file: string): Promise<readonly string[]> {
  try {
    const callSids: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(callSids) ? callSids.filter(isCallSid) : [];
  } catch {
    return [];
  }
}

/** Keeps the calls that were triggered, or asked for and known. */
export async function writeSimulatedCalls(file: string, { requests }: Simulator): Promise<void> {
  const known = requests.filter(({ status }) => status === 200).flatMap(({ callSid }) => callSid ?? []);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify([...new Set(known)]));
}
