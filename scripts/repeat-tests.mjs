/**
 * Runs `npm test` again and again, and prints a Markdown table of the results:
 *
 *   npm run test:repeat                        10 runs
 *   npm run test:repeat -- --runs 4 --load     4 runs, every other one while another process keeps a core busy
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runTests } from './run-tests.mjs';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10' }, load: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a whole number from 1, not ${values.runs}`);

const rows = [];
const failures = [];
for (let run = 1; run <= runs; run += 1) {
  const spinner = values.load && run % 2 === 0 ? spawn(process.execPath, ['-e', 'for (;;);']) : undefined;
  const endSpinner = () => spinner?.kill('SIGKILL');
  process.once('exit', endSpinner);
  const startedAt = Date.now();
  const result = await runTests();
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  endSpinner();
  process.off('exit', endSpinner);
  const load = spinner ? 'one core' : 'none';
  rows.push(`| ${[run, load, result.passed, result.failed, result.skipped, seconds].join(' | ')} |`);
  failures.push(...result.failures.map((failure) => `run ${run}: ${failure}`));
}

for (const failure of failures) console.log(`\n✘ ${failure}`);
console.log('\n| run | load | passed | failed | skipped | seconds |\n| --- | --- | --- | --- | --- | --- |');
console.log(rows.join('\n'));
process.exitCode = failures.length > 0 ? 1 : 0;
