/**
 * What processes use, from Linux's `/proc`; elsewhere nothing is known. `pidusage` leaves out the CPU time of children that
 * have exited, and PostgreSQL does its work in such children.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Linux reports ticks of 10 ms to user space, whatever the kernel's own clock is. */
const MS_PER_TICK = 10;
const BYTES_PER_KIB = 1_024;

/**
 * CPU time of processes and all their descendants in milliseconds, all threads and exited children included.
 *
 * @returns `undefined` when one of the processes does not exist
 */
export function cpuMs(pids: readonly number[]): number | undefined {
  const processes = readProcesses();
  if (pids.length === 0 || pids.some((pid) => !processes.has(pid))) return undefined;
  const tree = new Set(pids);
  // The iteration also visits the children that are added in it.
  for (const member of tree) for (const [pid, { parent }] of processes) if (parent === member) tree.add(pid);
  return [...tree].reduce((sum, pid) => sum + (processes.get(pid)?.cpuMs ?? 0), 0);
}

/** Memory of processes that is in RAM now, as one number of bytes; nothing when one of them does not exist. */
export function residentBytes(pids: readonly number[]): [number] | [] {
  const kib = pids.map((pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readProc(`${pid}/status`))?.[1]));
  const sum = kib.reduce((total, one) => total + one, 0);
  return sum > 0 ? [sum * BYTES_PER_KIB] : [];
}

/** The processes started by this one whose command line has all these arguments. */
export function childrenWith(wanted: readonly string[]): number[] {
  return [...readProcesses()].flatMap(([pid, { parent }]) => {
    const given = parent === process.pid ? readProc(`${pid}/cmdline`).split('\0') : [];
    return wanted.every((argument) => given.includes(argument)) ? [pid] : [];
  });
}

function readProcesses(): ReadonlyMap<number, { readonly parent: number; readonly cpuMs: number }> {
  const pids = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return new Map(
    pids.map((pid) => {
      const stat = readProc(`${pid}/stat`);
      // The second field is the name in parentheses and can contain spaces; the third follows the last parenthesis.
      const [, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // utime, stime, cutime, cstime
      const ticks = rest.slice(9, 13).reduce((sum, value) => sum + Number(value), 0);
      return [Number(pid), { parent: Number(parent), cpuMs: ticks * MS_PER_TICK }];
    }),
  );
}

/** Empty when the process has exited. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}
