import type { PersonalData, PersonToErase } from '../../../campaigns/records.js';
import { counted, print, printJson } from '../../../platform/printing.js';
import { withCampaignStore } from '../../campaign-store.js';
import { parseNumber, NumberError } from '../../contacts-file/phone-number.js';
import { confirm } from '../../dialog.js';
import { CliError, EXIT_CODES, type ExitCode } from '../../terminal.js';

interface EraseOptions {
  readonly number: string | undefined;
  readonly reference: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Runs `campaign erase`. Whoever is erased already, or never was there, is no error. */
export async function eraseFromCampaigns({ number, reference, yes, json }: EraseOptions): Promise<ExitCode> {
  const person = personOf(number, reference);
  return await withCampaignStore(async (store) => {
    const found = await store.personalData(person);
    const isEmpty = found.campaigns.length === 0 && found.suppressions === 0;
    if (!isEmpty && !yes && !(await confirm(`Erase ${describe(found)} for good? [y/N] `))) return EXIT_CODES.error;
    const erased = isEmpty ? found : await store.erase(person);
    if (json) printJson(erased);
    else print(isEmpty ? 'nothing is stored about this person' : `erased: ${describe(erased)}`);
    return EXIT_CODES.done;
  });
}

function personOf(number: string | undefined, reference: string | undefined): PersonToErase {
  if (number === undefined) {
    if (reference) return { reference };
    throw new CliError('whose data? give --number or --reference', EXIT_CODES.usage);
  }
  try {
    return { number: parseNumber(number, undefined).number };
  } catch (error) {
    if (!(error instanceof NumberError)) throw error;
    throw new CliError(`--number ${error.message}`, EXIT_CODES.usage);
  }
}

function describe({ campaigns, suppressions }: PersonalData): string {
  const total = campaigns.reduce((sum, { contacts }) => sum + contacts, 0);
  const where = campaigns.map(({ campaignId, contacts }) => `${campaignId}: ${contacts}`).join(', ');
  return [
    ...(total > 0 ? [`${counted(total, 'contact')} (${where})`] : []),
    ...(suppressions > 0 ? [`the number in ${counted(suppressions, 'suppression')}`] : []),
  ].join(' and ');
}
