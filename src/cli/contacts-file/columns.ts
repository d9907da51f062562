import { CliError, EXIT_CODES } from '../terminal.js';

/** Columns that a rejects file has in addition, so that it can be corrected and imported. */
export const REJECT_COLUMNS = { line: 'import_line', reason: 'import_error' } as const;

/** Which columns to take, by their names in the header. */
export interface ColumnOptions {
  readonly number?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly region?: string | undefined;
  readonly consent?: string | undefined;
  readonly reference?: string | undefined;
  readonly ignored: readonly string[];
}

interface Column {
  readonly name: string;
  readonly index: number;
}

/** Which column of a file has what. */
export interface ContactColumns {
  readonly header: readonly string[];
  readonly number: Column;
  readonly timeZone: Column | undefined;
  readonly region: Column | undefined;
  readonly consent: Column | undefined;
  readonly reference: Column | undefined;
  /** All others: each is a variable of the call. */
  readonly variables: readonly Column[];
  /** Indexes of columns without a name, which must be empty. */
  readonly unnamed: readonly number[];
}

type Role = Exclude<keyof ColumnOptions, 'ignored'>;

/** Names that need no option, without regard to case, spaces, hyphens and underscores. */
const DEFAULT_NAMES: Readonly<Record<Role, readonly string[]>> = {
  number: ['number', 'phone', 'phonenumber', 'telephone', 'mobile'],
  timeZone: ['timezone', 'timezones'],
  region: ['region', 'regions'],
  consent: ['consent'],
  reference: ['reference'],
};

const OPTIONS: Readonly<Record<Role, string>> = {
  number: '--number-column',
  timeZone: '--time-zone-column',
  region: '--region-column',
  consent: '--consent-column',
  reference: '--reference-column',
};

/**
 * Finds the columns of contacts in the header of a file.
 *
 * @throws {CliError} when a column is missing, or it is not clear which one is meant
 */
export function findColumns(names: readonly string[], options: ColumnOptions): ContactColumns {
  const header = names.map((name) => name.trim());
  checkUnique(header);
  for (const name of options.ignored) indexOf(header, name, '--ignore-column');
  const ignored = new Set<string>([...options.ignored, ...Object.values(REJECT_COLUMNS)]);
  const columns = header.map((name, index) => ({ name, index })).filter(({ name }) => !ignored.has(name));
  const find = (role: Role): Column | undefined => findColumn(header, columns, { role, given: options[role] });
  const number = find('number');
  if (!number) {
    throw new CliError(
      `no column has phone numbers: name it with --number-column; the file has ${listed(header)}`,
      EXIT_CODES.usage,
    );
  }
  const roles = {
    number,
    timeZone: find('timeZone'),
    region: find('region'),
    consent: find('consent'),
    reference: find('reference'),
  };
  const taken = new Set(Object.values(roles).map((column) => column?.index));
  return {
    header,
    ...roles,
    variables: columns.filter(({ name, index }) => name !== '' && !taken.has(index)),
    unnamed: columns.filter(({ name }) => name === '').map(({ index }) => index),
  };
}

function findColumn(
  header: readonly string[],
  columns: readonly Column[],
  { role, given }: { readonly role: Role; readonly given: string | undefined },
): Column | undefined {
  if (given !== undefined) return { name: given, index: indexOf(header, given, OPTIONS[role]) };
  const found = columns.filter(({ name }) =>
    DEFAULT_NAMES[role].includes(name.toLowerCase().replaceAll(/[\s_-]/g, '')),
  );
  if (found.length < 2) return found[0];
  const names = listed(found.map(({ name }) => name));
  throw new CliError(`it is not clear which column is meant, ${names}: say so with ${OPTIONS[role]}`, EXIT_CODES.usage);
}

function indexOf(header: readonly string[], name: string, option: string): number {
  const index = header.indexOf(name);
  if (index >= 0) return index;
  throw new CliError(`${option}: the file has no column "${name}", but ${listed(header)}`, EXIT_CODES.usage);
}

function checkUnique(header: readonly string[]): void {
  const twice = header.find((name, index) => name !== '' && header.indexOf(name) !== index);
  if (twice === undefined) return;
  const numbers = header.flatMap((name, index) => (name === twice ? [index + 1] : []));
  const name = isData(twice) ? '' : ` "${twice}"`;
  throw new CliError(`columns ${numbers.join(' and ')} have the same name${name}: rename one`);
}

/** Whether a cell has a phone number or an ID. Then the file has no header, and its first line is a contact, which no message shows. */
function isData(name: string): boolean {
  return name.replaceAll(/\D/g, '').length >= 7;
}

function listed(names: readonly string[]): string {
  if (names.some(isData)) return 'what looks like a contact in its first line: begin it with a line of column names';
  return names.map((name) => `"${name}"`).join(', ');
}
