/** `npm run bench`: what a monitored call costs, beside other ways to monitor it. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { runBenchmark } from './benchmark.js';
import { benchmarkCommand, outageCommand } from './options.js';
import { measureOutage } from './outage/outage.js';

const program = benchmarkCommand();
program.action(runBenchmark).addCommand(outageCommand().action(measureOutage));

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof InvalidArgumentError ? `error: ${error.message}` : error);
  process.exitCode = 1;
});
// Cancelled requests may still be in the SDK's timers.
process.exit();
