import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Lines of a failure that are shown: what was expected and what came, without the whole stack. */
const MESSAGE_LINES = 8;

/**
 * A vitest reporter that writes how many tests passed, failed and were skipped, and each failure by name and message, as JSON
 * to the file in `TEST_SUMMARY_FILE`. A file that does not load, a hook that fails and an error outside of any test count as
 * failures.
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
    writeFileSync(
      process.env.TEST_SUMMARY_FILE,
      JSON.stringify({ passed, failed: failures.length, skipped, failures }),
    );
  }
}

/** @param entity a test, suite or file; `undefined` for an error outside of any */
function describe(entity, errors) {
  const file = entity && relative(process.cwd(), (entity.module ?? entity).moduleId);
  const name = [file ?? 'an error outside of any test', entity?.fullName].filter(Boolean).join(' > ');
  const text = errors.map(({ stack, message }) => stack ?? message).join('\n');
  const lines = text.split('\n').slice(0, MESSAGE_LINES);
  return [name, ...lines.map((line) => `    ${line}`)].join('\n');
}
