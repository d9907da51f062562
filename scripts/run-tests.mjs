import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runInGroup } from './run-in-group.mjs';

const TIMEOUT_MINUTES = 30;

/**
 * Runs an npm script that runs vitest. Resolves with how many tests passed, failed and were skipped, with each failure as a
 * text, and with the reasons why tests were skipped. A run that leaves no summary, runs no test or fails without a failed test is
 * one failure.
 */
export async function runTests(script = 'test') {
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-tests-'));
  const file = join(folder, 'summary.json');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const problem = await runVitest(script, { ...process.env, TEST_SUMMARY_FILE: file });
    const summary = read(file);
    if (summary === undefined) return failure(problem ?? 'vitest left no summary');
    if (summary.passed === 0 && summary.failed === 0)
      return failure(problem ? `no test ran: ${problem}` : 'no test ran');
    if (problem !== undefined && summary.failed === 0) return { ...summary, failed: 1, failures: [problem] };
    return summary;
  } finally {
    process.off('exit', remove);
    remove();
  }
}

function runVitest(script, env) {
  const args = ['run', script, '--', '--reporter=default', '--reporter=./scripts/summary-reporter.mjs'];
  return runInGroup(args, { timeoutMinutes: TIMEOUT_MINUTES, env, stdio: ['ignore', 'inherit', 'inherit'] });
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
