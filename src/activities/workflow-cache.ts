const MIB = 2 ** 20;

/** A cached monitor between two workflow tasks, in the worker's process: 213 KiB of resident memory, measured. */
const BYTES_PER_CACHED_WORKFLOW = 0.2 * MIB;

/** Enough for the workflow tasks that are under way at once. */
const MIN_CACHED_WORKFLOWS = 200;

/** A monitor that is not cached is built and replayed once more before it ends: worth this share of the memory, not more. */
const CACHE_SHARE = 1 / 8;

/** Beyond this, memory is worth more than the replays. */
const MAX_CACHE_BYTES = 256 * MIB;

/**
 * How many workflows a worker caches: all calls, if the memory allows it.
 *
 * @param memoryBytes what the process may use; the default is the limit of its container, if it has one
 */
export function cachedWorkflowsFor(callsAtOnce: number, memoryBytes: number = containerMemory()): number {
  const cacheBytes = Math.min(MAX_CACHE_BYTES, memoryBytes * CACHE_SHARE);
  const affordable = Math.floor(cacheBytes / BYTES_PER_CACHED_WORKFLOW);
  return Math.max(MIN_CACHED_WORKFLOWS, Math.min(callsAtOnce, affordable));
}

/** Infinite without a limit, for which `constrainedMemory` gives 0 or more bytes than any machine has. */
function containerMemory(): number {
  return process.constrainedMemory() || Infinity;
}
