import { max, median, min } from 'simple-statistics';

/** The median of the repeats, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @param values of the repeats; one that was not measured is left out */
export function spread(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : { median: median(known), min: min(known), max: max(known) };
}

/** A Markdown table. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, titles.map((_, index) => (index === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Median, lowest and highest. */
export function cell(value: Spread | undefined): string {
  if (!value) return '–';
  const middle = digits(value.median);
  return value.min === value.max ? middle : `${middle} (${digits(value.min)}–${digits(value.max)})`;
}

/** Three significant digits. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toPrecision(size < 0.1 ? 2 : 3);
}
