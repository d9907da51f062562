import { meanCallMs } from './load.mjs';

const SAMPLED_CALLS = 30;

/**
 * What calls of the mean length cost, from the histories of calls spread over the window.
 *
 * @typedef {object} Cost
 * @property {number} eventsPerCall
 * @property {number} actionsPerCall without heartbeats, which stand in no history
 *
 * @param {readonly import('./watched-call.mjs').WatchedCall[]} ended in the window
 * @param {import('./shapes/shape.mjs').RunningShape} shape
 * @param {import('./load.mjs').Load} load
 * @returns {Promise<Partial<Cost>>} nothing for a shape without histories
 */
export async function costOf(ended, { cost }, load) {
  const finished = ended.filter(({ knownAt }) => knownAt !== undefined);
  if (!cost || finished.length === 0) return {};
  const step = Math.max(1, finished.length / SAMPLED_CALLS);
  const sample = finished.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  const costs = await Promise.all(sample.map(({ callSid }) => cost(callSid)));
  const lengths = sample.map(({ bornAt, endsAt }) => endsAt - bornAt);
  const meanMs = meanCallMs(load);
  return {
    eventsPerCall: fittedAt(
      meanMs,
      lengths,
      costs.map(({ events }) => events),
    ),
    actionsPerCall: fittedAt(
      meanMs,
      lengths,
      costs.map(({ actions }) => actions),
    ),
  };
}

/**
 * The value at `x` of the straight line through the points. A call costs something once and something for each minute, and
 * those that happen to end in the window are not of the mean length.
 *
 * @param {number} x
 * @param {readonly number[]} xs
 * @param {readonly number[]} ys
 */
export function fittedAt(x, xs, ys) {
  const meanX = mean(xs);
  const meanY = mean(ys);
  const spread = mean(xs.map((one) => (one - meanX) ** 2));
  const together = mean(xs.map((one, index) => (one - meanX) * ((ys[index] ?? 0) - meanY)));
  return spread === 0 ? meanY : meanY + (together / spread) * (x - meanX);
}

/** @param {readonly number[]} values */
function mean(values) {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
