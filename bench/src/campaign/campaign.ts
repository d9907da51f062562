import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { runInterruptible, withTimeLimit } from '../interruption.js';
import type { CampaignOptions } from '../options.js';
import { loadBuild, REPOSITORY } from '../package-build.js';
import { resultsFolder, writeFiles } from '../report/write-report.js';
import { describeSetting } from '../setting.js';
import { toMarkdown } from './report.js';
import { runCampaign } from './run-campaign.js';

/** Runs one campaign and writes the report. */
export async function measureCampaign(options: CampaignOptions): Promise<void> {
  const build = await loadBuild(REPOSITORY);
  const setting = describeSetting(options, build);
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-campaign-'));
  try {
    await runInterruptible(async (interruption) => {
      const signal = withTimeLimit(interruption, options.minutes * 60_000);
      const figures = await runCampaign({ folder, build, options, signal });
      const results = resultsFolder(setting, '-campaign');
      const markdown = toMarkdown(setting, figures);
      writeFiles(results, {
        'campaign.md': markdown,
        'campaign.json': `${JSON.stringify({ ...setting, figures })}\n`,
      });
      console.log(`\n${markdown}\n${relative(process.cwd(), results)}/: campaign.md, campaign.json`);
      // Without the guard they are what is to be shown.
      if (!options.unguarded && figures.ledger.dialledTwice > 0) process.exitCode = 1;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
