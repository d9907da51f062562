import { readFileSync } from 'node:fs';

/** `USER_HZ`, which is the same on every Linux. */
const TICKS_PER_SECOND = 100;

/**
 * Seconds of CPU that this process took (`own`), and that the processes took which it started and has waited for, with those
 * that they started (`children`). Linux only.
 */
export function cpuSeconds() {
  // The second field is the program's name, which may contain spaces and parentheses.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15);
  return { own: (user + system) / TICKS_PER_SECOND, children: (childrenUser + childrenSystem) / TICKS_PER_SECOND };
}
