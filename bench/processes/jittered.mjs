/**
 * The interval with the jitter of `monitorOutboundCall`, ±20 %.
 *
 * @param {number} intervalMs
 */
export function jittered(intervalMs) {
  return Math.round(intervalMs * (0.8 + 0.4 * Math.random()));
}
