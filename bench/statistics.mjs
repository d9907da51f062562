/**
 * The value that the share `p` of all does not exceed (nearest rank); `undefined` of none.
 *
 * @param {readonly number[]} sorted ascending
 * @param {number} p from 0 to 1
 */
export function percentile(sorted, p) {
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
}

/**
 * @typedef {{ median: number, min: number, max: number }} Spread
 * @param {readonly (number | undefined)[]} values of the repeats; one that was not measured makes no part
 * @returns {Spread | undefined}
 */
export function spread(values) {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}
