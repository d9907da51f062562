import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { hasOwnServer } from './temporal.mjs';

const GIB = 1_024 ** 3;

/**
 * What the figures depend on.
 *
 * @typedef {ReturnType<typeof describeMachine>} Machine
 */
export function describeMachine() {
  const all = cpus();
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / GIB),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    /** @type {string} */
    package: version,
    commit: commit(),
    /** What the machine was busy with before the benchmark began: at 0 with nothing. */
    loadAverage: loadavg()[0],
    server: hasOwnServer() ? 'the one at TEMPORAL_ADDRESS' : 'dev server, SQLite file, new for each run',
  };
}

/** Short hash, with `+` where the work tree holds changes. */
function commit() {
  try {
    const git = (/** @type {string[]} */ ...args) =>
      execFileSync('git', args, {
        cwd: import.meta.dirname,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
