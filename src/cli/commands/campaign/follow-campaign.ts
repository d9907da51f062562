import { setTimeout as delay } from 'node:timers/promises';

import { type CampaignProgress, countOpenAttempts, isCampaignOver } from '../../../contract/campaign.js';
import { errorMessage } from '../../../platform/error-message.js';
import type { CampaignDisplay } from './campaign-display.js';
import type { ProgressSource } from './progress-source.js';

interface FollowOptions {
  readonly source: Pick<ProgressSource, 'everyMs' | 'read'>;
  readonly display: CampaignDisplay;
  /** Looked at from time to time: why nothing goes on, or nothing. @throws when the campaign cannot end by itself */
  readonly problem: () => Promise<string | undefined>;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 5_000;

/**
 * Shows a campaign until its last call has ended. An outage of the database or of Temporal does not stop it.
 *
 * @returns the last progress
 */
export async function followCampaign({ source, display, problem, signal }: FollowOptions): Promise<CampaignProgress> {
  let lookAtMs = 0;
  let whyStill: string | undefined;
  for (;;) {
    const { progress, unreadable } = await read(source);
    if (progress) display.show(progress);
    if (progress && hasEnded(progress)) return progress;
    if (Date.now() >= lookAtMs) {
      whyStill = await problem();
      lookAtMs = Date.now() + LOOK_EVERY_MS;
    }
    display.note(unreadable ?? whyStill);
    await delay(source.everyMs, undefined, { signal });
  }
}

interface ReadProgress {
  readonly progress?: CampaignProgress | undefined;
  /** Why there is no progress: the database is away. */
  readonly unreadable?: string;
}

async function read(source: Pick<ProgressSource, 'read'>): Promise<ReadProgress> {
  try {
    return { progress: await source.read() };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'OutcomeStoreError') throw error;
    return { unreadable: `${errorMessage(error)}; trying again` };
  }
}

/** Whether nothing is dialled any more, and no call is under way. */
function hasEnded(progress: CampaignProgress): boolean {
  return isCampaignOver(progress) && countOpenAttempts(progress) === 0;
}
