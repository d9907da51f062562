import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TIMEOUT_MS = 30 * 60_000;

/**
 * Runs an npm script that runs vitest. Resolves with how many tests passed, failed and were skipped, with each failure as a
 * text, and with the reasons why tests were skipped. A run that leaves no summary, runs no test or fails without a failed test is
 * one failure.
 */
export async function runTests(script = 'test') {
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-tests-'));
  const file = join(folder, 'summary.json');
  try {
    const problem = await runVitest(script, { ...process.env, TEST_SUMMARY_FILE: file });
    const summary = read(file);
    if (summary === undefined) return failure(problem ?? 'vitest left no summary');
    if (summary.passed === 0 && summary.failed === 0) return failure('no test ran');
    if (problem !== undefined && summary.failed === 0) return { ...summary, failed: 1, failures: [problem] };
    return summary;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs vitest in a process group, so that a timeout ends everything that it started. Resolves with what went wrong. */
function runVitest(script, env) {
  const args = ['run', script, '--', '--reporter=default', '--reporter=./scripts/summary-reporter.mjs'];
  return new Promise((resolve) => {
    const child = spawn('npm', args, { env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    const timer = setTimeout(() => {
      resolve(`npm run ${script} did not end within ${TIMEOUT_MS / 60_000} minutes`);
      process.kill(-child.pid, 'SIGKILL');
    }, TIMEOUT_MS);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : `npm run ${script} ended with exit code ${code}`);
    });
  });
}

function failure(message) {
  return { passed: 0, failed: 1, skipped: 0, failures: [message], notRun: [] };
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
