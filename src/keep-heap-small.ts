import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect garbage when the heap has grown by 30 % since the last time, instead of letting it grow to a multiple.
 * Measured with 3,000 held calls: 94 instead of 187 KiB for each, at the same CPU. For processes that are workers only: a
 * worker's user decides about its own (`node --heap-growing-percent=30`).
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=30');
}
