import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest start first, so that none of them is the last to run: those that wait most of their time, and beside
 * them those that need CPU.
 */
const LONGEST = [
  'e2e/activities/long-poll-minutes',
  'e2e/campaigns/at-most-once',
  'e2e/playground/demo',
  'e2e/campaigns/agreement',
  'e2e/campaigns/run-call-campaign',
  'e2e/worker/accounts',
  'workflow/long-poll',
  'e2e/client/await-monitors',
  'e2e/cli/commands/monitor.test',
  'e2e/cli/commands/campaign.slow',
  'workflow/await-call-outcome-across-runs',
  'workflow/continue-as-new',
  'e2e/cli/commands/doctor.test',
  'e2e/polyai/throttling',
  'e2e/client/reconcile-campaign',
  'e2e/client/await-call-outcome.test',
  'e2e/client/no-worker',
  'workflow/monitor-outbound-call',
  'workflow/await-call-outcome.test',
];

/** A process runs only files of one project, and is replaced when a file of another is next. */
const PROJECTS = [
  'unit',
  'properties',
  'slow-unit',
  'servers',
  'workflow',
  'e2e',
  'slow',
  'package',
  'examples',
  'replay',
];

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
