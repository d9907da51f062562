import type { Command } from 'commander';

/** What is left open, such as a connection that never answered, does not keep the command from ending. */
const LINGER_MS = 500;

interface DoctorFlags {
  readonly taskQueue?: string;
  readonly json?: boolean;
}

/** `temporal-polyai doctor` */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('check an installation from end to end, and say what to do')
    .description(
      'Checks, with the environment that the worker has: Temporal, its namespace, whether a worker polls, calls at risk, ' +
        'the configuration, PolyAI and the token, the outcome store, clocks and search attributes. Starts no workflow ' +
        'and changes nothing. Takes half a minute at most.',
    )
    .option('--task-queue <name>', 'the task queue (default: POLYAI_TASK_QUEUE, else "polyai-outbound-calls")')
    .option('--json', 'print one JSON object: { ok, checks: [{ name, state, found, remedy }] }')
    .addHelpText(
      'after',
      `
Ends with 0 when nothing fails; a warning is no failure. With 2 when only the configuration does, else with 1.

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
