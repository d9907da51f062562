import { z } from 'zod';

/** What every fault can have. */
export interface Repeatable {
  /**
   * How many status requests the fault affects; `Infinity` for all. Random faults ignore it.
   * @default 1 in a script; every request until the fault is removed in `setFault`
   */
  readonly times?: number | undefined;
}

/** A response with a chosen HTTP status. */
export interface StatusFault extends Repeatable {
  readonly kind: 'status';
  /** 200 to 599. */
  readonly status: number;
  /**
   * The header `Retry-After`, in seconds. `httpDateInMs`: an HTTP-date this many milliseconds after the current real time, in
   * whole seconds.
   */
  readonly retryAfter?: number | { readonly httpDateInMs: number } | undefined;
  /**
   * JSON body.
   * @default an error body, `{ error, code }`
   */
  readonly body?: unknown;
}

/** The usual response, late. The delay is real time, independent of the simulator's clock. */
export interface DelayFault extends Repeatable {
  readonly kind: 'delay';
  readonly ms: number;
}

/** No response for as long as the client waits. */
export interface HangFault extends Repeatable {
  readonly kind: 'hang';
}

/** A connection reset (TCP RST) instead of a response. */
export interface ResetFault extends Repeatable {
  readonly kind: 'reset';
}

/** A 200 whose connection breaks in the middle of the announced body. */
export interface CutOffFault extends Repeatable {
  readonly kind: 'cut-off';
}

/** A 200 whose body is not valid JSON. */
export interface MalformedFault extends Repeatable {
  readonly kind: 'malformed';
}

/** A 200 with any JSON body, usually one that the API's contract does not allow. */
export interface BodyFault extends Repeatable {
  readonly kind: 'body';
  readonly body: unknown;
}

/** A 200 with 8 MiB of valid JSON and no `Content-Length`. */
export interface OversizedFault extends Repeatable {
  readonly kind: 'oversized';
}

/** A 307 to `location`. */
export interface RedirectFault extends Repeatable {
  readonly kind: 'redirect';
  readonly location: string;
}

/** One way in which a status request can fail. */
export type Fault =
  | StatusFault
  | DelayFault
  | HangFault
  | ResetFault
  | CutOffFault
  | MalformedFault
  | BodyFault
  | OversizedFault
  | RedirectFault;

/**
 * The fault of a trigger request, by the number as dialled; `undefined` for none.
 *
 * `dials`: whether the simulator dials before the fault, so that the caller cannot know of the call. After a `delay` it dials in
 * either case. `times` of the fault has no effect.
 */
export type TriggerFault = (toNumber: string) => { readonly fault: Fault; readonly dials: boolean } | undefined;

const times = z.int().positive().optional();
const milliseconds = z.number().nonnegative();

/** A fault as JSON. */
export const faultSchema: z.ZodType<Fault> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    retryAfter: z.union([z.number(), z.strictObject({ httpDateInMs: z.number() })]).optional(),
    body: z.unknown().optional(),
    times,
  }),
  z.strictObject({ kind: z.literal('delay'), ms: milliseconds, times }),
  z.strictObject({ kind: z.literal('hang'), times }),
  z.strictObject({ kind: z.literal('reset'), times }),
  z.strictObject({ kind: z.literal('cut-off'), times }),
  z.strictObject({ kind: z.literal('malformed'), times }),
  z.strictObject({ kind: z.literal('body'), body: z.unknown(), times }),
  z.strictObject({ kind: z.literal('oversized'), times }),
  z.strictObject({ kind: z.literal('redirect'), location: z.string(), times }),
]);

/** Faults that are taken one after the other, each as often as its `times` says. */
export class FaultQueue {
  readonly #faults: { readonly fault: Fault; left: number }[];

  constructor(faults: readonly Fault[], defaultTimes = 1) {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? defaultTimes }));
  }

  get isEmpty(): boolean {
    return this.#faults.every(({ left }) => left <= 0);
  }

  /** The fault of the next request; `undefined` when none is left. */
  take(): Fault | undefined {
    const next = this.#faults.find(({ left }) => left > 0);
    if (next) next.left -= 1;
    return next?.fault;
  }
}

/** Faults of random status requests; the same seed and order of requests give the same faults. */
export interface RandomFaults {
  /** Share of the status requests that have a fault: 0 to 1. */
  readonly probability: number;
  /** The possible faults, all equally likely. */
  readonly faults: readonly Fault[];
}

/** Returns a function that draws the fault of each next request, if it has one. */
export function randomFaultSource({ probability, faults }: RandomFaults, seed: number): () => Fault | undefined {
  const random = mulberry32(seed);
  return () => (random() < probability ? faults[Math.floor(random() * faults.length)] : undefined);
}

/** Mulberry32, a small seeded generator of numbers from 0 (included) to 1 (excluded). Not for secrets. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
