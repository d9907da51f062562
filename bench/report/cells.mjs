/** @typedef {import('../statistics.mjs').Spread} Spread */

/** @param {readonly string[]} titles @param {readonly (readonly string[])[]} rows */
export function table(titles, rows) {
  const lines = [titles, titles.map((_, index) => (index === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Median, lowest and highest. @param {Spread | undefined} value */
export function cell(value) {
  if (!value) return '–';
  const { median, min, max } = value;
  return min === max ? digits(median) : `${digits(median)} (${digits(min)}–${digits(max)})`;
}

/** Three digits that mean something. @param {number} value */
export function digits(value) {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toPrecision(size < 0.1 ? 2 : 3);
}
