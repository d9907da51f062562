import type { Command } from 'commander';

import { untilAborted } from '../../platform/abortable.js';
import { errorMessage } from '../../platform/error-message.js';
import { Interruption } from '../../platform/interruption.js';
import { print } from '../../platform/printing.js';
import type { Fault } from '../../simulator/faults.js';
import { portArgument, probabilityArgument, seedArgument } from '../arguments.js';
import { CliError } from '../terminal.js';

interface SimulateFlags {
  readonly port: number;
  readonly host: string;
  readonly token?: string;
  readonly seed?: number;
  readonly faultProbability: number;
}

/** Transient faults that the API is known for. */
const TRANSIENT_FAULTS: readonly Fault[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503, retryAfter: 1 },
  { kind: 'status', status: 429, retryAfter: 2 },
  { kind: 'delay', ms: 1_000 },
  { kind: 'reset' },
  { kind: 'malformed' },
];

/** `temporal-polyai simulate` */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .summary('run the simulator: a stand-in for the PolyAI API')
    .description('Runs a stand-in for the PolyAI outbound calling API in the foreground, until Ctrl-C or SIGTERM.')
    .option('--port <port>', 'port to listen on; 0 takes a free one', portArgument, 8080)
    .option('--host <host>', 'address to listen on; beyond loopback, other machines can reach it', '127.0.0.1')
    .option('--token <token>', 'token that requests must carry (default: "simulator-token")')
    .option('--seed <seed>', 'seed of the random faults', seedArgument)
    .option('--fault-probability <share>', 'share of status requests that a random fault hits', probabilityArgument, 0)
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai simulate
  $ temporal-polyai simulate --port 9000 --fault-probability 0.2 --seed 42
  $ POLYAI_BASE_URL=http://127.0.0.1:8080 POLYAI_AUTH_TOKEN=simulator-token temporal-polyai worker
`,
    )
    .action((flags: SimulateFlags) => simulate(flags));
}

async function simulate({ faultProbability: probability, ...options }: SimulateFlags): Promise<void> {
  const { startSimulator } = await import('../../simulator/server.js');
  const { signal } = new Interruption();
  const simulator = await startSimulator({ ...options, faults: { probability, faults: TRANSIENT_FAULTS } }).catch(
    (error: unknown) => {
      throw new CliError(
        `cannot listen on port ${options.port} of ${options.host}; choose others with --port and --host: ${errorMessage(error)}`,
      );
    },
  );
  print(`PolyAI simulator on ${simulator.url} (Ctrl-C ends it)`);
  await untilAborted(signal);
  await simulator.close();
}
