import { relative } from 'node:path';
import { openCampaignStore } from 'temporal-polyai/campaigns';
import { runInterruptible } from '../interruption.js';
import type { PlansOptions } from '../options.js';
import { loadBuild, REPOSITORY } from '../package-build.js';
import { forkChild } from '../processes/child-process.js';
import type { PlanFigures, PlannerFunctions } from '../processes/planner.js';
import { digits, table } from '../report/format.js';
import { resultsFolder, writeFiles } from '../report/write-report.js';
import { describeSetting } from '../setting.js';
import { CAMPAIGN_ID, importContacts } from './contacts.js';
import { type Database, withDatabase } from './database.js';

interface Measured extends PlanFigures {
  readonly database: string;
  readonly contacts: number;
}

/** Measures the plan of campaigns of several sizes on each database and writes the report. */
export async function measurePlans(options: PlansOptions): Promise<void> {
  const setting = describeSetting(options, await loadBuild(REPOSITORY));
  const figures: Measured[] = [];
  await runInterruptible(async (signal) => {
    for (const kind of options.databases) {
      for (const contacts of options.contacts) {
        figures.push(await withDatabase(kind, (database) => measurePlan(database, contacts, signal)));
      }
    }
    const folder = resultsFolder(setting, '-plans');
    const markdown = toMarkdown(setting.command, figures);
    writeFiles(folder, { 'plans.md': markdown, 'plans.json': `${JSON.stringify({ ...setting, figures })}\n` });
    console.log(`\n${markdown}\n${relative(process.cwd(), folder)}/: plans.md, plans.json`);
  });
}

async function measurePlan({ name, url }: Database, contacts: number, signal: AbortSignal): Promise<Measured> {
  console.log(`${name}, ${contacts} contacts …`);
  const store = openCampaignStore(url);
  await importContacts(store, { contacts, signal, onProgress: console.log }).finally(() => store.close());
  const planner = forkChild<PlannerFunctions>('planner');
  try {
    return { database: name, contacts, ...(await Promise.race([planner.rpc.plan(url, CAMPAIGN_ID), planner.failed])) };
  } finally {
    await planner.end();
  }
}

function toMarkdown(command: string, figures: readonly Measured[]): string {
  const rows = figures.map(({ database, contacts, seconds, cpuSeconds, peakBytes }) => [
    ...[database, contacts.toLocaleString('en'), digits(seconds), digits(cpuSeconds)],
    digits(peakBytes / 2 ** 20),
  ]);
  return `\`${command}\`\n\n${table(['database', 'contacts', 's', 's of CPU', 'MiB at most'], rows)}\n`;
}
