import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that wait for minutes of real time begin first, so that no worker is left alone with one of them at the end. */
const LONGEST = [
  'e2e/held-calls',
  'e2e/holding-for-minutes',
  'e2e/cli/commands/export-outcomes',
  'workflow/monitor-outbound-call',
  'e2e/credentials',
  'workflow/await-call-outcome-across-runs',
  'e2e/client/await-monitors',
  'workflow/long-poll',
  'package/consumer',
  'e2e/playground/demo',
];

/** Order of test files where nothing is known of how long they took, as in a fresh clone. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONGEST.findIndex((name) => moduleId.includes(name));
      return rank < 0 ? LONGEST.length : rank;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
