/** Plans a campaign in a process that has done nothing else, so that its memory is that of the plan. */
import { openCampaignStore } from 'temporal-polyai/campaigns';
import { serve } from './child-process.js';

export interface PlanFigures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

const functions = {
  async plan(url: string, campaignId: string): Promise<PlanFigures> {
    const startedAt = performance.now();
    const store = openCampaignStore(url);
    const plan = await store.plan(campaignId, { limits: { callsAtOnce: 100, callsPerSecond: 10 } });
    let listed = 0;
    for await (const { contactId } of plan.contacts) listed += contactId.length > 0 ? 1 : 0;
    await store.close();
    if (listed !== plan.dial + plan.later + plan.never) throw new Error(`${listed} contacts were listed`);
    const seconds = (performance.now() - startedAt) / 1_000;
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    return { seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1_024 };
  },
};
export type PlannerFunctions = typeof functions;
serve(functions);
