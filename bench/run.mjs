/**
 * `npm run bench`: builds the package, installs what the benchmark alone needs, and measures. `--help` lists the options.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseOptions } from './options.mjs';
import { parseOutageOptions } from './outage/options.mjs';

const ROOT = join(import.meta.dirname, '..');

const args = process.argv.slice(2);
if (args[0] === 'outage') {
  const options = parseOutageOptions(args.slice(1));
  if (options) await measure([options.shape], async () => (await import('./outage/outage.mjs')).outage(options));
} else {
  const options = parseOptions(args);
  if (options) await measure(options.shapes, async () => (await import('./bench.mjs')).bench(options));
}

/** @param {readonly string[]} shapes @param {() => Promise<void>} work loads what is built here */
async function measure(shapes, work) {
  if (!npm('run', '--silent', 'build')) process.exit(1);
  // Where that fails, the row of DBOS says so.
  if (shapes.includes('dbos')) npm('ci', '--silent', '--no-audit', '--no-fund', '--prefix', 'bench');
  await work();
  // Requests that were called off may still be on the SDK's timers.
  process.exit();
}

/** @param {string[]} npmArguments */
function npm(...npmArguments) {
  return spawnSync('npm', npmArguments, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}
