import type { OpenCampaignStore } from '../../src/campaigns/store.js';
import type { NewContact } from '../../src/campaigns/records.js';
import {
  ATTEMPT_STATES,
  type CampaignProgress,
  CONTACT_STATES,
  type ContactState,
  DEFAULT_ACCOUNT_LIMITS,
} from '../../src/contract/campaign.js';
import type { CampaignRulesInput } from '../../src/contract/campaign-rules.js';

/** Always open, so that a test says itself what stops a call. */
export const OPEN_RULES: CampaignRulesInput = {
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', until: '24:00' }],
  closeMargin: 0,
  maxCallsPer24h: 100,
  maxCallsPer7d: 100,
};

/** A fictitious number for each index (Ofcom reserves +44 7700 900xxx; here the last six digits count). */
export function numberOf(index: number): string {
  return `+447700${String(900_000 + index).padStart(6, '0')}`;
}

export function contactOf(index: number, given: Partial<NewContact> = {}): NewContact {
  return { number: numberOf(index), timeZones: ['Etc/UTC'], consent: 'web form', ...given };
}

interface RunningCampaign {
  readonly campaignId?: string;
  readonly account?: string;
  readonly contacts?: readonly NewContact[];
  readonly rules?: CampaignRulesInput;
  readonly callsAtOnce?: number;
  readonly callsPerSecond?: number;
}

/** Imports contacts into a campaign and starts it, without a workflow. */
export async function startCampaignOf(
  store: OpenCampaignStore,
  { campaignId = 'spring', account, contacts = [contactOf(1)], rules, ...limits }: RunningCampaign = {},
): Promise<string> {
  await store.create({ campaignId, account });
  await store.addContacts(campaignId, contacts);
  const { callsAtOnce = 1_000, callsPerSecond = 1_000 } = limits;
  await store.change({
    campaignId,
    changeId: 'start',
    change: { kind: 'start', rules: { ...OPEN_RULES, ...rules }, limits: { callsAtOnce, callsPerSecond } },
  });
  return campaignId;
}

type GivenProgress = Partial<Omit<CampaignProgress, 'contacts'>> & { contacts?: Partial<Record<ContactState, number>> };

/** The progress of a running campaign, at noon. */
export function progressOf({ contacts, ...given }: GivenProgress): CampaignProgress {
  const zeros = <Key extends string>(keys: readonly Key[]) =>
    Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
  return {
    campaignId: 'spring',
    state: 'running',
    epoch: 2,
    rulesVersion: 2,
    limits: DEFAULT_ACCOUNT_LIMITS,
    contacts: { ...zeros(CONTACT_STATES), ...contacts },
    attempts: zeros(ATTEMPT_STATES),
    dispositions: {},
    settledLastHour: 0,
    lastProblems: [],
    sequence: 0,
    databaseId: 'c2c6d8a0-7f0e-4a53-9a55-0b1f3a0c9d11',
    readAt: '2026-07-01T12:00:00.000Z',
    ...given,
  };
}
