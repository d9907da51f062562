import { readFileSync } from 'node:fs';
import { Command } from 'commander';

import { print, printError } from '../platform/printing.js';
import { addBundleCommand } from './commands/bundle.js';
import { addCampaignCommand } from './commands/campaign.js';
import { addCancelCommand } from './commands/cancel.js';
import { addCompletionCommand } from './commands/completion.js';
import { addDemoCommand } from './commands/demo.js';
import { addDevCommand } from './commands/dev.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addHealthCommand } from './commands/health.js';
import { addMonitorCommand } from './commands/monitor.js';
import { addMonitorsCommand } from './commands/monitors.js';
import { addNudgeCommand } from './commands/nudge.js';
import { addOutcomesCommand } from './commands/outcomes.js';
import { addSimulateCommand } from './commands/simulate.js';
import { addStatusCommand } from './commands/status.js';
import { addTriggerCommand } from './commands/trigger.js';
import { addWorkerCommand } from './commands/worker.js';
import { renderExitCodes } from './terminal.js';

const ENVIRONMENT = `
Environment:
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*,
  TEMPORAL_PROFILE: how to reach Temporal (default: localhost:7233)
  POLYAI_AUTH_TOKEN, and POLYAI_REGION (us-1, uk-1, euw-1) or POLYAI_BASE_URL:
  for the worker and for trigger
  POLYAI_TASK_QUEUE: for workers and clients
  POLYAI_OUTCOMES_URL (sqlite:FILE, postgres://…, off): where outcomes are

To begin:
  $ temporal-polyai demo                   see how it works
  $ temporal-polyai dev                    a playground: all that is needed
  $ temporal-polyai monitor OUT-1234567    follow a call to its completion
`;

/**
 * The command line. `--help` loads no package but commander, which keeps it fast and lets it work where an optional package is
 * missing: a file `commands/<name>.ts` declares the command, and its action imports what it runs, from the folder that
 * does the work or from `run-<name>.ts` beside it. A group of many commands has a folder of such files.
 */
export function createProgram(): Command {
  const program = createCommands();
  addCompletionCommand(program, createCommands);
  return program;
}

function createCommands(): Command {
  const program = new Command('temporal-polyai')
    .description('Durable monitoring of PolyAI outbound calls with Temporal.')
    .version(packageVersion(), '-v, --version')
    .showHelpAfterError('(--help tells more)')
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => printError(text.trimEnd()) })
    .exitOverride();
  addDevCommand(program);
  addTriggerCommand(program);
  addMonitorCommand(program);
  addMonitorsCommand(program);
  addStatusCommand(program);
  addNudgeCommand(program);
  addCancelCommand(program);
  addOutcomesCommand(program);
  addCampaignCommand(program);
  addWorkerCommand(program);
  addBundleCommand(program);
  addSimulateCommand(program);
  addHealthCommand(program);
  addDoctorCommand(program);
  addDemoCommand(program);
  return program.addHelpText('after', ENVIRONMENT).addHelpText('afterAll', renderExitCodes());
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
