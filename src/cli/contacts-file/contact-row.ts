import type { CountryCode } from 'libphonenumber-js/max';

import { isTimeZone } from '../../campaigns/rules/calling-windows.js';
import { parseRegion } from '../../campaigns/rules/contact-regions.js';
import type { NewContact } from '../../campaigns/records.js';
import type { ContactColumns } from './columns.js';
import { timeZonesOf } from './number-time-zones.js';
import { NumberError, type ParsedNumber, parseNumber } from './phone-number.js';

/** What applies to all rows of a file. */
export interface RowOptions {
  /** The country of numbers without a country code. */
  readonly country: CountryCode | undefined;
  /** Time zones of contacts whose row has none; empty for those that the number may be in. */
  readonly timeZones: readonly string[];
  /** The consent of all contacts of a file without such a column. */
  readonly consent: string;
}

/** A row that is a contact, or why it is none. No reason shows what a cell contains. */
export type ParsedRow =
  { readonly contact: NewContact; readonly hasZonesByNumber: boolean } | { readonly reason: string };

/** The metadata of a call is limited; more would be refused at each call. */
const MAX_VARIABLES_BYTES = 16_000;

/** Answers that are no consent; any other text is one. */
const NO_CONSENT = new Set(['', '-', '0', 'f', 'false', 'n', 'no', 'none', 'null']);

class RowError extends Error {}

/** Reads one row. */
export function readContact(cells: readonly string[], columns: ContactColumns, options: RowOptions): ParsedRow {
  try {
    checkCells(cells, columns);
    const parsed = numberOf(cells, columns, options);
    const given = zonesOf(cells, columns, options);
    const contact: NewContact = {
      number: parsed.number,
      timeZones: given ?? zonesByNumber(parsed),
      regions: regionsOf(cells, columns) ?? countryOf(parsed),
      consent: consentOf(cells, columns, options),
      reference: cells[columns.reference?.index ?? -1]?.trim() ?? '',
      variables: variablesOf(cells, columns),
    };
    return { contact, hasZonesByNumber: !given };
  } catch (error) {
    if (error instanceof RowError) return { reason: error.message };
    throw error;
  }
}

function checkCells(cells: readonly string[], { header, unnamed }: ContactColumns): void {
  if (cells.length !== header.length) {
    throw new RowError(
      `has ${cells.length} cells, and the header ${header.length}: a delimiter in a cell needs quotes around the cell`,
    );
  }
  // The parser leaves the opening quote in a cell where what follows the closing one does not fit.
  if (cells.some((cell) => cell.startsWith('"') && /[\r\n]/.test(cell))) {
    throw new RowError('a quote is not closed where it should be, so this row has swallowed the lines above');
  }
  const index = unnamed.find((column) => cells[column]?.trim() !== '');
  if (index !== undefined) throw new RowError(`column ${index + 1} has no name in the header`);
}

function numberOf(cells: readonly string[], { number }: ContactColumns, { country }: RowOptions): ParsedNumber {
  const written = cells[number.index]!.trim();
  if (written === '') throw new RowError(`"${number.name}" is empty`);
  try {
    return parseNumber(written, country);
  } catch (error) {
    if (error instanceof NumberError) throw new RowError(`"${number.name}" ${error.message}`);
    throw error;
  }
}

/** `undefined` when neither the row nor an option says. */
function zonesOf(
  cells: readonly string[],
  { timeZone }: ContactColumns,
  { timeZones }: RowOptions,
): readonly string[] | undefined {
  const names = listIn(cells[timeZone?.index ?? -1]);
  if (names.length === 0) return timeZones.length > 0 ? timeZones : undefined;
  if (names.every(isKnownZone)) return names;
  throw new RowError(`"${timeZone!.name}" is not an IANA time zone such as Europe/London`);
}

const knownZones = new Map<string, boolean>();

function isKnownZone(name: string): boolean {
  let isKnown = knownZones.get(name);
  if (isKnown === undefined) {
    isKnown = isTimeZone(name);
    // A column of something else would fill it.
    if (isKnown) knownZones.set(name, isKnown);
  }
  return isKnown;
}

function zonesByNumber(number: ParsedNumber): readonly string[] {
  const zones = timeZonesOf(number);
  if (zones.length > 0) return zones;
  throw new RowError('nothing says in which time zone the number is: fill a column time_zone, or give --time-zone');
}

/** `undefined` when the row does not say. */
function regionsOf(cells: readonly string[], { region }: ContactColumns): readonly string[] | undefined {
  const codes = listIn(cells[region?.index ?? -1]);
  if (codes.length === 0) return undefined;
  if (codes.every((code) => parseRegion(code) !== undefined)) return codes;
  throw new RowError(`"${region!.name}" is not a code of ISO 3166 such as FR or US-FL`);
}

/** The store finds out the state; it need not read the number again for the country. */
function countryOf({ country }: ParsedNumber): readonly string[] {
  return country === undefined ? [] : [country];
}

function listIn(cell: string | undefined): string[] {
  return cell?.split(/[\s,;|]+/).filter(Boolean) ?? [];
}

function consentOf(cells: readonly string[], { consent }: ContactColumns, options: RowOptions): string {
  if (!consent) return options.consent;
  const text = cells[consent.index]!.trim();
  return NO_CONSENT.has(text.toLowerCase()) ? '' : text;
}

function variablesOf(cells: readonly string[], { variables }: ContactColumns): Record<string, string> {
  const filled = variables.filter(({ index }) => cells[index] !== '');
  const size = filled.reduce((sum, { name, index }) => sum + Buffer.byteLength(name + cells[index]!), 0);
  if (size > MAX_VARIABLES_BYTES) {
    throw new RowError(
      `its variables are larger than ${MAX_VARIABLES_BYTES} bytes: leave some out with --ignore-column`,
    );
  }
  return Object.fromEntries(filled.map(({ name, index }) => [name, cells[index]!]));
}
