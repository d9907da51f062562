import { readFileSync } from 'node:fs';

const REFERENCE = new URL('../../../docs/reference/', import.meta.url);

/** The tables of a page under docs/reference, by the heading that they stand under. */
export function tablesOf(page: string): ReadonlyMap<string, readonly (readonly string[])[]> {
  const [, ...sections] = readFileSync(new URL(page, REFERENCE), 'utf8').split(/^#{2,} /m);
  return new Map(sections.map((section) => [plain(section.split('\n', 1)[0] ?? ''), rowsOf(section)]));
}

/** The names in the first column of the tables under one heading: what stands there as code, without arguments. */
export function namesIn(page: string, heading: string): string[] {
  const rows = tablesOf(page).get(heading);
  if (!rows) throw new Error(`docs/reference/${page} has no heading "${heading}"`);
  return rows.flatMap(([first = '']) => [...first.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)).sort();
}

/** What stands in the last column of the row for one name, without the backticks. */
export function lastCellOf(page: string, heading: string, name: string): string {
  const row = tablesOf(page)
    .get(heading)
    ?.find(([first]) => first === `\`${name}\``);
  return row?.at(-1)?.replaceAll('`', '') ?? '';
}

function rowsOf(section: string): string[][] {
  const lines = section.split('\n').filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

function plain(heading: string): string {
  return heading.replaceAll('`', '').trim();
}
