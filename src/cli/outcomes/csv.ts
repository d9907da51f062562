/** With these a spreadsheet takes text for a formula, in some languages the wide ones too. */
const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/;

/** One record of CSV after RFC 4180. Text that would be a formula in a spreadsheet begins with an apostrophe. */
export function csvRecord(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | null): string {
  const text = typeof value === 'string' && FORMULA_START.test(value) ? `'${value}` : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
