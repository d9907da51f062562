import { execFileSync } from 'node:child_process';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import type { PackageBuild } from './package-build.js';
import { usesForeignServer } from './shapes/temporal-server.js';

const BYTES_PER_GIB = 1_024 ** 3;

export type Machine = ReturnType<typeof describeMachine>;

/** What the figures depend on: the machine, its load before the benchmark, and the builds under test. */
export function describeMachine(build: PackageBuild, baseline?: PackageBuild) {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / BYTES_PER_GIB),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    build: `${build.version}, commit ${commitOf(build.folder)}`,
    baseline: baseline && `${baseline.version}, commit ${commitOf(baseline.folder)}`,
    loadAverage: loadavg()[0] ?? 0,
    server: usesForeignServer() ? 'the one at TEMPORAL_ADDRESS' : 'dev server, SQLite file, new for each run',
  };
}

/** Short hash, followed by `+` if the work tree has changes. */
function commitOf(folder: string): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
