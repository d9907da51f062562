import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Lines of a failed test's message that are shown: what was expected and what came, not the whole stack. */
const MESSAGE_LINES = 8;

/**
 * What a vitest JSON report and the list of unhandled errors say: passed, failed and skipped tests, each failure as a text
 * to print, and the files that failed, with the tests that passed in them. A run that failed without a failed test (a file
 * that does not load, an unhandled error), or that left no report or ran no test, counts as one failure.
 */
export function readTestReport({ reportFile, errorsFile }, runSucceeded) {
  const report = readJson(reportFile);
  const unhandled = readJson(errorsFile) ?? [];
  const { passed, failed, skipped } = {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
  const failedUnseen = failed === 0 && (!runSucceeded || passed === 0);
  const failedFiles = (report?.testResults ?? []).filter(({ status }) => status === 'failed');
  return {
    ...{ passed, failed: failedUnseen ? 1 : failed, skipped },
    failures: [
      ...failedFiles.flatMap(failuresOf),
      ...unhandled.map((error) => shown('an error outside of any test', error)),
    ],
    failedFiles: failedFiles.map(({ name }) => relative(process.cwd(), name)),
    passedInFailedFiles: failedFiles.flatMap((file) => withStatus('passed', file)).length,
    hasUnhandledErrors: unhandled.length > 0,
  };
}

/** The failures of one test file; a file that fails as a whole has a message of its own and may have no test. */
function failuresOf(testFile) {
  const file = relative(process.cwd(), testFile.name);
  const tests = withStatus('failed', testFile).map((test) =>
    shown(`${file} > ${test.fullName}`, test.failureMessages.join('\n')),
  );
  return tests.length > 0 ? tests : [shown(file, testFile.message)];
}

function withStatus(status, { assertionResults }) {
  return assertionResults.filter((test) => test.status === status);
}

function shown(title, message) {
  const lines = message.split('\n').slice(0, MESSAGE_LINES);
  return [`✘ ${title}`, ...lines.map((line) => `    ${line}`)].join('\n');
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
