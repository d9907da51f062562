import type { Fault } from './faults.js';

/** A call that the simulator has dialled. */
export interface DialledCall {
  /** As it was dialled. */
  readonly toNumber: string;
  readonly callSid: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In real time. Epoch milliseconds. */
  readonly dialledAt: number;
}

/**
 * The fault of a trigger request, by the number as dialled; `undefined` for none.
 *
 * `dials`: whether the simulator dials before the fault, so that the caller cannot know of the call. After a `delay` it dials in
 * either case. `times` of the fault has no effect.
 */
export type TriggerFault = (toNumber: string) => { readonly fault: Fault; readonly dials: boolean } | undefined;
