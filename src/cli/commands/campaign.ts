import type { Command } from 'commander';

import { addDispositionCommand } from './campaign/disposition.js';
import { addEraseCommand } from './campaign/erase.js';
import { addExportCommand } from './campaign/export.js';
import { addImportCommand } from './campaign/import.js';
import { addListCommand } from './campaign/list.js';
import { addPlanCommand } from './campaign/plan.js';
import { addReconcileCommand } from './campaign/reconcile.js';
import { addReportCommand } from './campaign/report.js';
import { addStartCommand } from './campaign/start.js';
import { addSteerCommands } from './campaign/steer.js';
import { addSuppressCommand } from './campaign/suppress.js';
import { addSuppressionsCommand } from './campaign/suppressions.js';
import { addWatchCommands } from './campaign/watch.js';

/** `temporal-polyai campaign` */
export function addCampaignCommand(program: Command): void {
  const campaign = program
    .command('campaign')
    .summary('call a list of contacts')
    .description(
      'Calls a list of contacts by rules, and keeps contacts and attempts beside the outcomes, in POLYAI_OUTCOMES_URL ' +
        '(default: the file .temporal-polyai/outcomes.sqlite).',
    )
    .addHelpText('after', '\nExamples:\n  $ temporal-polyai campaign list\n');
  addImportCommand(campaign);
  addListCommand(campaign);
  addPlanCommand(campaign);
  addStartCommand(campaign);
  addWatchCommands(campaign);
  addSteerCommands(campaign);
  addReconcileCommand(campaign);
  addReportCommand(campaign);
  addExportCommand(campaign);
  addSuppressCommand(campaign);
  addSuppressionsCommand(campaign);
  addEraseCommand(campaign);
  addDispositionCommand(campaign);
}
