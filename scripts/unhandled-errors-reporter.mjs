import { writeFileSync } from 'node:fs';

/**
 * A vitest reporter that leaves word of the errors outside of any test, of which vitest's JSON report says nothing: as JSON
 * in the file that `UNHANDLED_ERRORS_FILE` names.
 */
export default class UnhandledErrorsReporter {
  onTestRunEnd(_testModules, errors) {
    const told = errors.map(({ stack, message }) => stack ?? message ?? 'an error without a message');
    writeFileSync(process.env.UNHANDLED_ERRORS_FILE, JSON.stringify(told));
  }
}
