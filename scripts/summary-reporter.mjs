import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Lines of a failure that are shown: what was expected and what came, without the whole stack. */
const MESSAGE_LINES = 8;

/**
 * A vitest reporter that writes how many tests passed, failed and were skipped, each failure by name and message, and why each
 * skipped test was, or its name where it does not say, as JSON to the file in `TEST_SUMMARY_FILE`. A file that does not load, a
 * hook that fails and an error outside of any test count as failures.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state) => tests.filter((test) => test.result().state === state);
    const files = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const failures = [
      ...inState('failed').map((test) => describe(test, test.result().errors)),
      ...files.filter((file) => file.errors().length > 0).map((file) => describe(file, file.errors())),
      ...unhandledErrors.map((error) => describe(undefined, [error])),
    ];
    const [passed, skipped] = [inState('passed').length, inState('skipped').length];
    const reasons = inState('skipped').map((test) => test.result().note ?? `skipped: ${nameOf(test)}`);
    const summary = { passed, failed: failures.length, skipped, failures, notRun: [...new Set(reasons)] };
    writeFileSync(process.env.TEST_SUMMARY_FILE, JSON.stringify(summary));
  }
}

/** @param entity a test, suite or file; `undefined` for an error outside of any */
function describe(entity, errors) {
  const lines = errors.flatMap(linesOf);
  return [nameOf(entity), ...lines.map((line) => `    ${line}`)].join('\n');
}

function nameOf(entity) {
  const file = entity && relative(process.cwd(), (entity.module ?? entity).moduleId);
  return [file ?? 'an error outside of any test', entity?.fullName].filter(Boolean).join(' > ');
}

/** The first lines of an error, and of each of its causes: "fetch failed" alone says nothing. */
function linesOf({ stack, message, cause }) {
  const lines = (stack ?? message ?? '').split('\n').slice(0, MESSAGE_LINES);
  if (!cause) return lines;
  const [first, ...rest] = typeof cause === 'object' ? linesOf(cause) : [String(cause)];
  return [...lines, `Caused by: ${first}`, ...rest];
}
