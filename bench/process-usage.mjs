/** What processes use, from Linux's /proc; elsewhere nothing is known. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second for every user space, whatever its kernel's own clock does. */
const TICKS_PER_SECOND = 100;
const KIB = 1_024;

/**
 * CPU time of processes and of all that they started, in milliseconds, threads included.
 *
 * @param {readonly number[]} pids
 * @returns {number | undefined} nothing when a process is not there
 */
export function cpuMs(pids) {
  const all = statistics();
  if (pids.length === 0 || pids.some((pid) => !all.has(pid))) return undefined;
  const tree = new Set(pids);
  // A child has a higher number than its parent as a rule, not always: look until nothing is added.
  for (let before = 0; before !== tree.size;) {
    before = tree.size;
    for (const [pid, { parent }] of all) if (tree.has(parent)) tree.add(pid);
  }
  const ticks = [...tree].reduce((sum, pid) => sum + (all.get(pid)?.ticks ?? 0), 0);
  return (ticks * 1_000) / TICKS_PER_SECOND;
}

/**
 * Memory of a process that is in RAM now, in bytes.
 *
 * @param {number} pid
 */
export function residentBytes(pid) {
  try {
    const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) * KIB;
  } catch {
    return undefined;
  }
}

/**
 * The processes that this one started whose command line has all these arguments.
 *
 * @param {readonly string[]} wanted
 */
export function childrenWith(wanted) {
  return [...statistics()]
    .filter(([, { parent }]) => parent === process.pid)
    .map(([pid]) => pid)
    .filter((pid) => {
      const given = argumentsOf(pid);
      return wanted.every((argument) => given.includes(argument));
    });
}

/** Each process's parent and CPU time, its ended children's included. */
function statistics() {
  /** @type {Map<number, { parent: number, ticks: number }>} */
  const found = new Map();
  for (const name of processNames()) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The second field, the name in brackets, may hold blanks; the third comes behind the last bracket.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0);
      found.set(Number(name), { parent: Number(fields[1]), ticks });
    } catch {
      // It has ended since it was listed.
    }
  }
  return found;
}

function processNames() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** @param {number} pid */
function argumentsOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
