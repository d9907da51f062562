/** What every fault can carry. */
interface Repeatable {
  /**
   * How many status requests the fault meets before it is used up; `Infinity` for all. Random faults take no notice of it.
   * @default 1 in a script; until it is lifted in `setFault`
   */
  readonly times?: number | undefined;
}

/** An answer with a chosen HTTP status. */
export interface StatusFault extends Repeatable {
  readonly kind: 'status';
  /** 200 to 599. */
  readonly status: number;
  /** The header `Retry-After`: seconds, or an HTTP-date that lies so many milliseconds (whole seconds on the wire) ahead of real time. */
  readonly retryAfter?: number | { readonly httpDateInMs: number } | undefined;
  /**
   * JSON body.
   * @default an error body, `{ error, code }`
   */
  readonly body?: unknown;
}

/** The right answer, late. The wait is real time, whatever the simulator's clock does. */
export interface DelayFault extends Repeatable {
  readonly kind: 'delay';
  readonly ms: number;
}

/** No answer for as long as the client waits. */
export interface HangFault extends Repeatable {
  readonly kind: 'hang';
}

/** The connection is reset (TCP RST) instead of answered. */
export interface ResetFault extends Repeatable {
  readonly kind: 'reset';
}

/** A 200 whose connection breaks in the middle of the announced body. */
export interface CutOffFault extends Repeatable {
  readonly kind: 'cut-off';
}

/** A 200 whose body is broken JSON. */
export interface MalformedFault extends Repeatable {
  readonly kind: 'malformed';
}

/** A 200 with any JSON body; one that is not the contract's, as a rule. */
export interface BodyFault extends Repeatable {
  readonly kind: 'body';
  readonly body: unknown;
}

/** A 200 of 8 MiB of well-formed JSON, its length not announced. */
export interface OversizedFault extends Repeatable {
  readonly kind: 'oversized';
}

/** A 307 to `location`. */
export interface RedirectFault extends Repeatable {
  readonly kind: 'redirect';
  readonly location: string;
}

/** One way in which a status request can go wrong. */
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
