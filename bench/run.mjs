/**
 * `npm run bench`: builds the package, installs what the benchmark alone needs, and measures. `--help` lists the options.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseOptions } from './options.mjs';

const ROOT = join(import.meta.dirname, '..');

const options = parseOptions(process.argv.slice(2));
if (options) {
  if (!npm('run', '--silent', 'build')) process.exit(1);
  // Where that fails, the row of DBOS says so.
  if (options.shapes.includes('dbos')) npm('ci', '--silent', '--no-audit', '--no-fund', '--prefix', 'bench');
  // Loaded only now: it imports what was just built.
  const { bench } = await import('./bench.mjs');
  await bench(options);
  // Requests that were called off may still be on the SDK's timers.
  process.exit();
}

/** @param {string[]} args */
function npm(...args) {
  return spawnSync('npm', args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}
