import type { NewContact, OpenCampaignStore } from 'temporal-polyai/campaigns';
import { checkInterruption } from '../interruption.js';

export const CAMPAIGN_ID = 'benchmark';
const CHUNK = 5_000;
const REPORT_EVERY = 100_000;

/** Always open: the limits alone pace the campaign. */
export const OPEN_RULES = {
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', until: '24:00' }],
  closeMargin: 0,
  stopAfterFailures: 100_000,
  stopAfterAmbiguous: 100_000,
} as const;

interface Import {
  readonly contacts: number;
  /** Passed to the agent; the simulator reads the script of a call there. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** Creates the campaign and imports contacts with numbers that nobody has. */
export async function importContacts(
  store: OpenCampaignStore,
  { contacts, variables = {}, signal, onProgress }: Import,
): Promise<void> {
  await store.create({ campaignId: CAMPAIGN_ID });
  for (let first = 0; first < contacts; first += CHUNK) {
    await checkInterruption(signal);
    const chunk = Array.from({ length: Math.min(CHUNK, contacts - first) }, (_, index) =>
      contactOf(first + index, variables),
    );
    await store.addContacts(CAMPAIGN_ID, chunk);
    const imported = first + chunk.length;
    if (imported % REPORT_EVERY === 0) onProgress(`${imported} contacts imported`);
  }
}

/** No country has the code 999, so that no rule of a region closes at night. */
function contactOf(index: number, variables: Readonly<Record<string, string>>): NewContact {
  return { number: `+999${String(index).padStart(8, '0')}`, timeZones: ['Etc/UTC'], consent: 'benchmark', variables };
}

/** Starts the campaign without a workflow, with limits that are never reached. */
export async function startOnPaper(store: OpenCampaignStore): Promise<void> {
  const limits = { callsAtOnce: 100_000, callsPerSecond: 1_000 };
  const change = { kind: 'start', rules: OPEN_RULES, limits } as const;
  await store.change({ campaignId: CAMPAIGN_ID, changeId: 'start', change });
}
