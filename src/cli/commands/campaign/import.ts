import { type Command, InvalidArgumentError } from 'commander';

import { campaignArgument, countryArgument, fileArgument } from '../../arguments.js';
import type { ImportOptions } from './run-import.js';

interface ImportFlags {
  readonly numberColumn?: string;
  readonly timeZoneColumn?: string;
  readonly regionColumn?: string;
  readonly consentColumn?: string;
  readonly referenceColumn?: string;
  readonly ignoreColumn?: readonly string[];
  readonly country?: string;
  readonly timeZone?: readonly string[];
  readonly consent?: string;
  readonly account?: string;
  readonly delimiter?: string;
  readonly encoding: string;
  readonly rejects?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `temporal-polyai campaign import` */
export function addImportCommand(campaign: Command): void {
  const command = campaign
    .command('import')
    .summary('add contacts from a CSV file')
    .description(
      'Adds the contacts of a CSV file to a campaign, which is created if it does not exist. A campaign has each number ' +
        'once, so an import that was interrupted is run again with the same command, and nobody is called twice.',
    )
    .argument('<campaign>', 'the campaign', campaignArgument)
    .argument('<file>', 'a CSV file with a header; - reads stdin', fileArgument);
  addContactOptions(command)
    .option('--account <name>', 'the account that a new campaign calls with (default: the default account)')
    .option(
      '--delimiter <character>',
      'what separates cells (default: what the header has most of , ; | tab)',
      delimiterArgument,
    )
    .option('--encoding <name>', 'the encoding of the file, such as windows-1252', encodingArgument, 'utf-8')
    .option(
      '--rejects <file>',
      'write rows that cannot be imported to a CSV file, instead of a line for each',
      fileArgument,
    )
    .option('--dry-run', 'check the file only')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      `
All other columns become variables of the call, which the agent gets as metadata. Without a time zone in the
file or in --time-zone, a contact gets all zones that its number may be in; without a region, those of its
number, for the calling hours of countries and states. The exit code is 1 when a row was
rejected; the other rows are imported.

Examples:
  $ temporal-polyai campaign import spring contacts.csv --dry-run
  $ temporal-polyai campaign import spring contacts.csv --country GB --rejects rejected.csv
  $ zcat contacts.csv.gz | temporal-polyai campaign import spring - --consent 'web form, 2026-03'
`,
    )
    .action(async (campaignId: string, file: string, flags: ImportFlags) => {
      const { importContacts } = await import('./run-import.js');
      process.exitCode = await importContacts(optionsOf(campaignId, file, flags));
    });
}

/** How a row becomes a contact. */
function addContactOptions(command: Command): Command {
  return command
    .option('--number-column <name>', 'the column of phone numbers (default: number, phone, telephone, mobile)')
    .option('--time-zone-column <name>', 'the column of time zones (default: time_zone, timezone)')
    .option('--region-column <name>', 'the column of countries and states by ISO 3166 (default: region, regions)')
    .option('--consent-column <name>', 'the column of consents (default: consent)')
    .option('--reference-column <name>', 'the column of your own identifiers (default: reference)')
    .option('--ignore-column <name>', 'a column that is no variable of the call; may be repeated', repeated)
    .option('--country <code>', 'country of numbers without a country code, such as GB', countryArgument)
    .option('--time-zone <name>', 'time zone of contacts without one; may be repeated', repeated)
    .option('--consent <text>', 'what all contacts consented to, for a file without such a column');
}

function optionsOf(campaignId: string, file: string, flags: ImportFlags): ImportOptions {
  const { country, consent, account, delimiter, encoding, rejects } = flags;
  return {
    campaignId,
    file,
    columns: {
      number: flags.numberColumn,
      timeZone: flags.timeZoneColumn,
      region: flags.regionColumn,
      consent: flags.consentColumn,
      reference: flags.referenceColumn,
      ignored: flags.ignoreColumn ?? [],
    },
    country,
    timeZones: flags.timeZone ?? [],
    consent,
    account,
    delimiter,
    encoding,
    rejects,
    isDryRun: flags.dryRun ?? false,
    json: flags.json ?? false,
  };
}

function repeated(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

function delimiterArgument(value: string): string {
  if (value === '\\t' || value === 'tab') return '\t';
  if (/^[^\s"]$|^\t$/.test(value)) return value;
  throw new InvalidArgumentError('It must be one character, or "tab".');
}

function encodingArgument(value: string): string {
  try {
    return new TextDecoder(value).encoding;
  } catch {
    throw new InvalidArgumentError('It must be an encoding such as utf-8, utf-16le or windows-1252.');
  }
}
