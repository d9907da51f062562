import type { Context } from '@temporalio/activity';

/**
 * Warns, once for each worker, of long polls on Temporal's time-skipping test server. Its clock stands still while an activity
 * runs, so that a call of an hour would take an hour, and a test seems to hang.
 */
export class TimeSkippingWarning {
  #isDue = true;

  check(context: Context): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    if (!isTimeSkipping(context)) return;
    context.log.warn(
      'a long poll is running on the time-skipping test server, whose clock stands still meanwhile: in tests, take the ' +
        'activities from startTestKit of temporal-polyai/testing',
    );
  }
}

/** Only `TestWorkflowEnvironment.createTimeSkipping` gives a connection the test service. */
function isTimeSkipping(context: Context): boolean {
  try {
    const { testService } = context.client.connection as { readonly testService?: unknown };
    return testService !== undefined;
  } catch {
    // A `MockActivityEnvironment` without a client.
    return false;
  }
}
