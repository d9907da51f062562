import type { CampaignStore } from '../../../campaigns/store.js';
import type { Campaign } from '../../../campaigns/records.js';
import type { CampaignProgress } from '../../../contract/campaign.js';
import { oneLine } from '../../../platform/printing.js';
import { withCampaignStore } from '../../campaign-store.js';
import { type Cells, printList, toSecond } from '../../list.js';
import { EXIT_CODES, type ExitCode } from '../../terminal.js';

interface ListOptions {
  /** `Infinity` for all. */
  readonly limit: number;
  readonly json: boolean;
}

/** A campaign in the list. */
type ListedCampaign = Campaign & Pick<CampaignProgress, 'contacts' | 'nextDueAt'>;

/** Runs `campaign list`. */
export async function listCampaigns({ limit, json }: ListOptions): Promise<ExitCode> {
  return await withCampaignStore(async (store) => {
    await printList({ items: listed(store), limit, what: 'campaigns', json, head: HEAD, cellsOf });
    return EXIT_CODES.done;
  });
}

/** Counts the contacts of a campaign only when it is printed. */
async function* listed(store: CampaignStore): AsyncGenerator<ListedCampaign, void> {
  for (const campaign of await store.list()) {
    const { contacts, nextDueAt } = await store.progress(campaign.campaignId);
    yield { ...campaign, contacts, ...(nextDueAt !== undefined && { nextDueAt }) };
  }
}

const HEAD = ['CAMPAIGN', 'STATE', 'CONTACTS', 'LEFT', 'DONE', 'UNREACHED', 'ACCOUNT', 'CREATED', 'WHY'];

function cellsOf({ campaignId, state, contacts, account = '', createdAt, stateReason }: ListedCampaign): Cells {
  const total = Object.values(contacts).reduce((sum, amount) => sum + amount, 0);
  const left = contacts.waiting + contacts.dialling;
  const counts = [total, left, contacts.done, total - left - contacts.done].map(String);
  return [campaignId, state, ...counts, account, toSecond(createdAt), stateReason].map(oneLine);
}
