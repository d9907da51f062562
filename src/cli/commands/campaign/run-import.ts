import { addAbortSignal } from 'node:stream';

import { isTimeZone } from '../../../campaigns/rules/calling-windows.js';
import type { CampaignStore } from '../../../campaigns/store.js';
import type { Campaign } from '../../../campaigns/records.js';
import { Interruption } from '../../../platform/interruption.js';
import { withCampaignStore } from '../../campaign-store.js';
import type { ColumnOptions } from '../../contacts-file/columns.js';
import type { RowOptions } from '../../contacts-file/contact-row.js';
import { importRows, type RowsOptions } from '../../contacts-file/import-rows.js';
import { type ContactsFile, openContactsFile } from '../../contacts-file/open.js';
import { knownCountry } from '../../contacts-file/phone-number.js';
import { CliError, EXIT_CODES, type ExitCode } from '../../terminal.js';
import { reportImport } from './import-report.js';

export interface ImportOptions {
  readonly campaignId: string;
  /** `-` for stdin. */
  readonly file: string;
  readonly columns: ColumnOptions;
  readonly country: string | undefined;
  readonly timeZones: readonly string[];
  readonly consent: string | undefined;
  /** Of a new campaign. */
  readonly account: string | undefined;
  readonly delimiter: string | undefined;
  readonly encoding: string;
  /** A file; absent for stderr. */
  readonly rejects: string | undefined;
  readonly isDryRun: boolean;
  readonly json: boolean;
}

/** Runs `campaign import`: in bounded memory, however long the file is. */
export async function importContacts(options: ImportOptions): Promise<ExitCode> {
  const row = rowOptions(options);
  const file = await openContactsFile(options);
  checkConsent(file, options);
  const interruption = new Interruption();
  const { signal } = interruption;
  addAbortSignal(signal, file.source);
  try {
    return await importFile({ file, row, rejects: options.rejects, signal }, options);
  } finally {
    interruption.dispose();
  }
}

async function importFile(rows: RowsOptions, options: ImportOptions): Promise<ExitCode> {
  const { file, rejects } = rows;
  const { campaignId, isDryRun, json } = options;
  if (isDryRun) return reportImport(await importRows(rows), { file: file.name, rejects, json });
  return await withCampaignStore(
    async (store) => {
      const { state } = await openCampaign(store, options);
      const result = await importRows(rows, (contacts) => store.addContacts(campaignId, contacts));
      return reportImport(result, { campaign: { campaignId, state }, file: file.name, rejects, json });
    },
    { mayCreate: true },
  );
}

/** @throws {CliError} */
function rowOptions({ country, timeZones, consent = '' }: ImportOptions): RowOptions {
  const unknown = timeZones.find((zone) => !isTimeZone(zone));
  if (unknown === undefined) return { country: knownCountry(country), timeZones, consent };
  throw new CliError(`--time-zone: "${unknown}" is not an IANA time zone such as Europe/London`, EXIT_CODES.usage);
}

function checkConsent({ columns }: ContactsFile, { consent }: ImportOptions): void {
  if (!columns.consent || consent === undefined) return;
  throw new CliError(
    `the file has the column "${columns.consent.name}": leave out --consent, or the column with --ignore-column`,
    EXIT_CODES.usage,
  );
}

async function openCampaign(store: CampaignStore, { campaignId, account }: ImportOptions): Promise<Campaign> {
  const existing = await store.find(campaignId);
  const campaign = existing && account === undefined ? existing : await store.create({ campaignId, account });
  if (campaign.state !== 'cancelled') return campaign;
  throw new CliError(`campaign "${campaignId}" was cancelled: import into another`);
}
