import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Lines of a failed test's message that are shown: what was expected and what came, not the whole stack. */
const MESSAGE_LINES = 8;

/**
 * What a vitest JSON report says: passed, failed and skipped tests, and each failure as a text to print. A run that failed
 * without a failed test (a file that does not load, an unhandled error), or that left no report or ran no test, counts as
 * one failure.
 */
export function readTestReport(reportFile, runSucceeded) {
  const report = readReport(reportFile);
  const { passed, failed, skipped } = {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
  const failedUnseen = failed === 0 && (!runSucceeded || passed === 0);
  return {
    passed,
    failed: failedUnseen ? 1 : failed,
    skipped,
    failures: (report?.testResults ?? []).flatMap(failuresOf),
  };
}

/** The failures of one test file; a file that fails as a whole has a message of its own and may have no test. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(process.cwd(), name);
  const tests = assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => shown(`${file} > ${test.fullName}`, test.failureMessages.join('\n')));
  return status === 'failed' && tests.length === 0 ? [shown(file, message)] : tests;
}

function shown(title, message) {
  const lines = message.split('\n').slice(0, MESSAGE_LINES);
  return [`✘ ${title}`, ...lines.map((line) => `    ${line}`)].join('\n');
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
