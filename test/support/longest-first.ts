import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest start first, so that none of them is the last to run. */
const LONGEST = [
  'e2e/activities/long-poll-minutes',
  'e2e/campaigns/at-most-once',
  'e2e/campaigns/run-call-campaign',
  'e2e/campaigns/agreement',
  'e2e/worker/accounts',
  'e2e/client/await-monitors',
  'e2e/playground/demo',
  'e2e/worker/metrics',
  'e2e/worker/run-worker',
  'e2e/cli/commands/campaign.test',
  'e2e/cli/commands/export-outcomes',
  'e2e/client/await-call-outcome.test',
  'workflow/long-poll',
  'workflow/continue-as-new',
  'workflow/await-call-outcome-across-runs',
  'workflow/monitor-outbound-call',
  'workflow/await-call-outcome.test',
];

/** A process runs only files of one project, and is replaced when a file of another is next. */
const PROJECTS = ['unit', 'workflow', 'e2e', 'slow', 'package', 'replay'];

/** The order of test files in a fresh clone, where vitest does not know yet how long they take. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId, project }: TestSpecification): number => {
      const rank = LONGEST.findIndex((name) => moduleId.includes(name));
      return rank < 0 ? LONGEST.length + PROJECTS.indexOf(project.name) : rank;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
