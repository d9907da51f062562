import type { Attempt, Contact } from '../../../campaigns/records.js';
import { withCampaignStore } from '../../campaign-store.js';
import { CliError, type ExitCode } from '../../terminal.js';
import { type ExportFormat, exportItems } from '../export-items.js';

interface ExportOptions {
  readonly campaignId: string;
  readonly what: 'contacts' | 'attempts';
  readonly format: ExportFormat;
  /** A file; absent for stdout. */
  readonly output: string | undefined;
}

/** Runs `campaign export`. */
export async function exportCampaign({ campaignId, what, format, output }: ExportOptions): Promise<ExitCode> {
  return await withCampaignStore(async (store) => {
    if (!(await store.find(campaignId)))
      throw new CliError(`there is no campaign "${campaignId}"; to list them: temporal-polyai campaign list`);
    const common = { what, format, output };
    return what === 'contacts'
      ? await exportItems({ ...common, items: store.contacts(campaignId), ...columnsOf(CONTACT_CELLS) })
      : await exportItems({ ...common, items: store.attempts(campaignId), ...columnsOf(ATTEMPT_CELLS) });
  });
}

type Cells<T> = Readonly<Record<string, (item: T) => string | number | undefined>>;

/** By column, which has the name that it has in the database. */
const CONTACT_CELLS: Cells<Contact> = {
  contact_id: ({ contactId }) => contactId,
  number: ({ number }) => number,
  reference: ({ reference }) => reference,
  state: ({ state }) => state,
  reason: ({ reason }) => reason,
  due_at: ({ dueAt }) => dueAt,
  time_zones: ({ timeZones }) => timeZones.join(' '),
  regions: ({ regions }) => regions.join(' '),
  consent: ({ consent }) => consent,
  variables: ({ variables }) => JSON.stringify(variables),
};

const ATTEMPT_CELLS: Cells<Attempt> = {
  attempt_id: ({ attemptId }) => attemptId,
  contact_id: ({ contactId }) => contactId,
  attempt: ({ attempt }) => attempt,
  state: ({ state }) => state,
  disposition: ({ disposition }) => disposition,
  disposition_source: ({ dispositionSource }) => dispositionSource,
  reason: ({ reason }) => reason,
  call_sid: ({ callSid }) => callSid,
  intended_at: ({ intendedAt }) => intendedAt,
  posting_at: ({ postingAt }) => postingAt,
  posted_at: ({ postedAt }) => postedAt,
  ended_at: ({ endedAt }) => endedAt,
  epoch: ({ epoch }) => epoch,
  rules_version: ({ rulesVersion }) => rulesVersion,
};

function columnsOf<T>(cells: Cells<T>) {
  return {
    columns: Object.keys(cells),
    cellsOf: (item: T) => Object.values(cells).map((cellOf) => cellOf(item) ?? null),
  };
}
