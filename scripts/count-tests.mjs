import { readFileSync } from 'node:fs';

/**
 * Passed, failed and skipped tests of a vitest JSON report. A run that failed without a failed test (a file that does not
 * load, an unhandled error), or that left no report or ran no test, counts as one failure.
 */
export function countTests(reportFile, runSucceeded) {
  const report = readReport(reportFile);
  const { passed, failed, skipped } = {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
  const failedUnseen = failed === 0 && (!runSucceeded || passed === 0);
  return { passed, failed: failedUnseen ? 1 : failed, skipped };
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
