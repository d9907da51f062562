/**
 * Everything CI runs, step by step; every step runs, whatever failed before it.
 *
 *   npm run verify                       all steps
 *   npm run verify -- --skip test        all but some
 *   npm run verify -- --only lint,types  only some
 *   npm run verify -- --first test       another order
 *
 * Test files in which a test failed are run once more, by themselves: tests that pass then, as those that a busy machine
 * made late, do not count as failed. It ends with what failed in either run, the steps, and a line that counts the tests
 * that vitest ran, and each other step as one.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readTestReport } from './read-test-report.mjs';

const MINUTE_MS = 60_000;

/** More files than this with failed tests are no accident. */
const MAX_FILES_AGAIN = 3;

const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-verify-'));

const STEPS = [
  { name: 'format:check', about: 'Prettier finds nothing to change' },
  { name: 'lint', about: 'ESLint, import walls included' },
  { name: 'types', about: 'TypeScript accepts sources, tests and examples' },
  { name: 'build', about: 'dist/ builds' },
  {
    name: 'test',
    about: 'vitest',
    timeoutMs: 30 * MINUTE_MS,
    run: runTests,
  },
  {
    name: 'test:oldest',
    about: 'what users load, on the oldest Node that is promised',
    args: ['--', 'test/unit', 'test/package', 'test/replay', 'test/e2e/starters.test.ts'],
    timeoutMs: 10 * MINUTE_MS,
  },
  { name: 'check:exports', about: 'the packed tarball resolves, types included, from ESM and CommonJS' },
  { name: 'check:docs', about: 'links resolve and code blocks compile' },
  { name: 'demo', about: 'the demo runs to its end' },
];

const { values } = parseArgs({
  options: { skip: { type: 'string' }, only: { type: 'string' }, first: { type: 'string' } },
});
const steps = chosenSteps({ skip: names(values.skip), only: names(values.only), first: names(values.first) });

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const summary = [];
for (const step of steps) {
  console.log(`\n━━ ${step.name}: ${step.about}`);
  const startedAt = Date.now();
  const counted = await (step.run ?? runStep)(step);
  for (const key of Object.keys(total)) total[key] += counted[key];
  failures.push(...counted.failures);
  summary.push(
    `${counted.failed === 0 ? '✔' : '✘'} ${step.name.padEnd(14)} ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`,
  );
}
rmSync(folder, { recursive: true, force: true });

if (failures.length > 0) console.log(`\n${failures.join('\n')}`);
console.log(`\n${summary.join('\n')}\n`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;

function names(list) {
  const chosen = list?.split(',') ?? [];
  const unknown = chosen.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) throw new Error(`no such step: ${unknown.join(', ')}`);
  return chosen;
}

function chosenSteps({ skip, only, first }) {
  const steps = STEPS.filter(({ name }) => !skip.includes(name) && (only.length === 0 || only.includes(name)));
  return [...steps.filter(({ name }) => first.includes(name)), ...steps.filter(({ name }) => !first.includes(name))];
}

async function runStep(step) {
  const ok = await runScript(step);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, failures: [] };
}

async function runTests(step) {
  const first = await runVitest(step, 'tests', []);
  const { failedFiles, hasUnhandledErrors } = first;
  if (failedFiles.length === 0 || failedFiles.length > MAX_FILES_AGAIN || hasUnhandledErrors) return first;
  console.log(`\n━━ ${step.name}: once more what failed, by itself: ${failedFiles.join(' ')}`);
  const again = await runVitest(step, 'tests-again', failedFiles);
  return {
    ...{
      passed: first.passed - first.passedInFailedFiles + again.passed,
      failed: again.failed,
      skipped: first.skipped,
    },
    failures: [...told('in the first run', first), ...told('when run again', again)],
  };
}

function told(when, { failures }) {
  return failures.map((failure) => `${when}: ${failure}`);
}

async function runVitest(step, name, files) {
  const [reportFile, errorsFile] = [join(folder, `${name}.json`), join(folder, `${name}-errors.json`)];
  process.env.UNHANDLED_ERRORS_FILE = errorsFile;
  const reporters = ['default', 'json', './scripts/unhandled-errors-reporter.mjs'].map((one) => `--reporter=${one}`);
  const args = ['--', ...files, ...reporters, `--outputFile.json=${reportFile}`];
  return readTestReport({ reportFile, errorsFile }, await runScript({ ...step, args }));
}

/** Runs an npm script in a process group of its own, so that a timeout ends all that it started. */
function runScript({ name, args = [], timeoutMs = 3 * MINUTE_MS }) {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', name, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    const timer = setTimeout(() => {
      console.error(`${name} is still running after ${timeoutMs / 1_000} s; ending it`);
      process.kill(-child.pid, 'SIGKILL');
    }, timeoutMs);
    child.on('error', (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}
