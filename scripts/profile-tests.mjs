/**
 * Runs the tests once, and prints how many seconds of CPU each project and the most expensive files took:
 *
 *   npm run test:profile                   what `npm test` runs
 *   npm run test:profile -- test/workflow  some of it
 *
 * Seconds of CPU depend little on what else runs at the same time, unlike time. Linux only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { cpuSeconds } from './cpu-seconds.mjs';

const FILES_SHOWN = 20;

const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-profile-'));
const file = join(folder, 'costs.jsonl');
const vitest = spawn('npm', ['test', '--', ...process.argv.slice(2)], {
  env: { ...process.env, FILE_COSTS: file },
  stdio: 'inherit',
});
const [exitCode] = await once(vitest, 'close');
// Without one a signal has ended it.
process.exitCode = exitCode ?? 1;
const total = cpuSeconds().children;
const costs = readFileSync(file, 'utf8').trim().split('\n').map(readCost);
rmSync(folder, { recursive: true });

const projects = [...new Set(costs.map(({ project }) => project))].map((name) => {
  const files = costs.filter(({ project }) => project === name);
  return { name, files: files.length, ...sumOf(files) };
});
print('project', projects.toSorted(byTotal));
print('file', costs.toSorted(byTotal).slice(0, FILES_SHOWN));
const rest = total - sumOf(costs).total;
console.log(`\n${total.toFixed(0)} s of CPU; ${rest.toFixed(0)} s of it are vitest, the build and the bundles.`);

function readCost(line) {
  const { file: path, ...cost } = JSON.parse(line);
  const name = relative(process.cwd(), path);
  const project = name.startsWith('examples/') ? 'examples' : name.split('/')[1];
  return { name, project, files: 1, ...cost, total: cost.imports + cost.tests + cost.processes };
}

function sumOf(all) {
  const sum = (key) => all.reduce((seconds, cost) => seconds + cost[key], 0);
  return { imports: sum('imports'), tests: sum('tests'), processes: sum('processes'), total: sum('total') };
}

function byTotal(one, other) {
  return other.total - one.total;
}

function print(what, rows) {
  console.log(`\n| ${what} | files | imports | tests | processes they started | seconds of CPU |`);
  console.log('| --- | ---: | ---: | ---: | ---: | ---: |');
  for (const { name, files, imports, tests, processes, total: all } of rows) {
    const seconds = [imports, tests, processes, all].map((value) => value.toFixed(1));
    console.log(`| ${[name, files, ...seconds].join(' | ')} |`);
  }
}
