import type { WorkerOptions } from '@temporalio/worker';

import { holdingWorkerOptions } from '../activities/worker-options.js';

/** Share of a worker's activity slots for long polls, where they are too few for all calls. */
const LONG_POLL_SHARE = 0.8;
/** The most activity slots of a resource-based tuner that does not say, by the SDK's default. */
const DEFAULT_MAXIMUM_SLOTS = 2_000;

type SlotOptions = Pick<WorkerOptions, 'tuner' | 'maxConcurrentActivityTaskExecutions'>;

/** How many long polls a worker can run at once and still have activity slots for everything else: `wanted` at most. */
export function callsAtOnceWithin(worker: SlotOptions, wanted: number): number {
  const slots = activitySlotsOf(worker);
  const { maxConcurrentActivityTaskExecutions: enough } = holdingWorkerOptions(wanted);
  return slots === undefined || slots >= enough ? wanted : Math.max(1, Math.floor(slots * LONG_POLL_SHARE));
}

/** The activity slots that the worker's own options allow at most; `undefined` where they do not say. */
function activitySlotsOf({ tuner, maxConcurrentActivityTaskExecutions }: SlotOptions): number | undefined {
  if (!tuner) return maxConcurrentActivityTaskExecutions;
  if (!('activityTaskSlotSupplier' in tuner)) return maximumOf(tuner.activityTaskSlotOptions);
  const { activityTaskSlotSupplier: supplier } = tuner;
  if (supplier.type === 'fixed-size') return supplier.numSlots;
  return supplier.type === 'resource-based' ? maximumOf(supplier) : undefined;
}

function maximumOf({ maximumSlots = DEFAULT_MAXIMUM_SLOTS }: { readonly maximumSlots?: number } = {}): number {
  return maximumSlots;
}
