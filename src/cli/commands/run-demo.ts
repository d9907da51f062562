import type { FollowCampaign } from '../../playground/campaign-demo.js';
import { createCampaignDisplay } from './campaign/campaign-display.js';
import { followCampaign } from './campaign/follow-campaign.js';

interface DemoOptions {
  readonly campaign: boolean;
  readonly keep: boolean;
}

/** Runs `demo`. */
export async function runDemoCommand({ campaign, keep }: DemoOptions): Promise<number> {
  if (campaign) {
    const { runCampaignDemo } = await import('../../playground/campaign-demo.js');
    return await runCampaignDemo({ keep, follow });
  }
  const { runDemo } = await import('../../playground/demo.js');
  return await runDemo({ keep });
}

/** As `campaign watch` shows it. */
const follow: FollowCampaign = async ({ read, signal }) => {
  const display = createCampaignDisplay(process.stdout, { json: false, source: 'the database' });
  return await followCampaign({
    source: { everyMs: 1_000, read },
    display,
    problem: () => Promise.resolve(undefined),
    signal,
  });
};
