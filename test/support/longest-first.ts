import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest start first, so that none of them is the last to run. */
const LONGEST = [
  'e2e/activities/long-poll-minutes',
  'workflow/long-poll',
  'e2e/worker/credentials',
  'e2e/client/await-monitors',
  'workflow/await-call-outcome',
  'e2e/cli/commands/export-outcomes',
  'e2e/playground/demo',
  'e2e/worker/accounts',
  'e2e/cli/commands/monitor',
  'replay/monitors',
  'workflow/monitor-outbound-call',
  'workflow/continue-as-new',
  'package/consumer',
];

/** The order of test files in a fresh clone, where vitest does not know yet how long they take. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONGEST.findIndex((name) => moduleId.includes(name));
      return rank < 0 ? LONGEST.length : rank;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
