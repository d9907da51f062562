/** `npm run bench`: what a monitored call costs, beside other ways to monitor it. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { runBenchmark } from './benchmark.js';
import { measureCampaign } from './campaign/campaign.js';
import { measureClaims } from './campaign/claims.js';
import { measurePlans } from './campaign/plans.js';
import { measureFailing } from './failing/failing.js';
import {
  benchmarkCommand,
  campaignCommand,
  claimsCommand,
  failingCommand,
  outageCommand,
  plansCommand,
} from './options.js';
import { measureOutage } from './outage/outage.js';

const program = benchmarkCommand();
program
  .action(runBenchmark)
  .addCommand(outageCommand().action(measureOutage))
  .addCommand(failingCommand().action(measureFailing))
  .addCommand(claimsCommand().action(measureClaims))
  .addCommand(plansCommand().action(measurePlans))
  .addCommand(campaignCommand().action(measureCampaign));

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof InvalidArgumentError ? `error: ${error.message}` : error);
  process.exitCode = 1;
});
// Cancelled requests may still be in the SDK's timers.
process.exit();
