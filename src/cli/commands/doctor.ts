import type { Command } from 'commander';

/** How long an open handle, such as a connection that never answered, may keep the process alive. */
const LINGER_MS = 500;

interface DoctorFlags {
  readonly taskQueue?: string;
  readonly json?: boolean;
}

/** `temporal-polyai doctor` */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('check an installation end to end, and name the remedies')
    .description(
      "Checks, with the worker's environment: Temporal, its namespace, whether a worker polls, monitors at risk, the " +
        'configuration, PolyAI and the token, the outcome store, the clock and the search attributes. Starts no ' +
        'workflow and saves no outcome. Takes half a minute at most.',
    )
    .option('--task-queue <name>', 'the task queue (default: POLYAI_TASK_QUEUE, else "polyai-outbound-calls")')
    .option('--json', 'print one JSON object: { ok, checks: [{ name, state, found, remedy }] }')
    .addHelpText(
      'after',
      `
The exit code is 0 when nothing fails (warnings do not count), 2 when only the configuration fails, else 1.

Examples:
  $ temporal-polyai doctor
  $ temporal-polyai doctor --json | jq -r '.checks[] | select(.state == "failure") | .remedy'
`,
    )
    .action(async ({ taskQueue, json = false }: DoctorFlags) => {
      const { runDoctor } = await import('../doctor/run.js');
      process.exitCode = await runDoctor({ taskQueue, json });
      setTimeout(() => process.exit(), LINGER_MS).unref();
    });
}
