import { hostname } from 'node:os';
import type { Command } from 'commander';

import { print, printError } from '../../platform/printing.js';
import { EXIT_CODES, type ExitCode } from '../terminal.js';

interface HealthFlags {
  readonly taskQueue?: string;
  readonly thisHost?: boolean;
}

/** `temporal-polyai health` */
export function addHealthCommand(program: Command): void {
  program
    .command('health')
    .summary('check that Temporal can be reached and a worker polls')
    .description(
      'Exits with 0 when Temporal can be reached and a worker polls the task queue, else with 1 and the reason.',
    )
    .option('--task-queue <name>', 'the task queue (default: POLYAI_TASK_QUEUE, else "polyai-outbound-calls")')
    .option('--this-host', 'count only workers on this host or in this container')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-polyai health\n  HEALTHCHECK CMD ["npx", "temporal-polyai", "health", "--this-host"]\n',
    )
    .action(async (flags: HealthFlags) => {
      process.exitCode = await checkHealth(flags);
    });
}

async function checkHealth({ taskQueue: wanted, thisHost }: HealthFlags): Promise<ExitCode> {
  const { withTemporal } = await import('../temporal.js');
  const { readRunningPollers } = await import('../../platform/pollers.js');
  const { loadTaskQueue } = await import('../../worker/environment.js');
  const taskQueue = wanted ?? loadTaskQueue();
  return await withTemporal(async (client, { address, namespace }) => {
    const pollers = await readRunningPollers(client, { taskQueue, kind: 'workflows' });
    const workers = pollers.filter(({ identity }) => !thisHost || identity.endsWith(`@${hostname()}`));
    const queue = `task queue "${taskQueue}" of namespace "${namespace}" at ${address}`;
    if (workers.length > 0) {
      print(`healthy: a worker polls ${queue}`);
      return EXIT_CODES.done;
    }
    const where = thisHost ? ' on this host' : '';
    printError(`no worker${where} polls ${queue}`);
    return EXIT_CODES.error;
  });
}
