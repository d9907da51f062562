import type { AccessToken } from './exchange.js';
import { type Fault, FaultQueue } from './faults.js';
import { type CallScript, callStatusAt, type StatusBody } from './script.js';

/** What the simulator remembers from one request to the next. */
export interface SimulatorState {
  readonly clock: SimulatorClock;
  readonly token: AccessToken;
  readonly calls: CallRegistry;
  readonly log: RequestLog;
  readonly drawRandomFault: () => Fault | undefined;
  readonly scriptFor: (toNumber: string) => CallScript;
  globalFault: FaultQueue;
}

/** The clock that calls live by. It runs on from wherever it is put. */
export interface SimulatorClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Moves the clock by so many milliseconds; back when negative. */
  advance(ms: number): void;
  /** Puts the clock to an instant, epoch milliseconds. */
  set(epochMs: number): void;
}

/** A movable clock over another one. */
export function createSimulatorClock(base: () => number): SimulatorClock {
  let offsetMs = 0;
  return {
    now: () => base() + offsetMs,
    advance: (ms) => {
      offsetMs += ms;
    },
    set: (epochMs) => {
      offsetMs = epochMs - base();
    },
  };
}

interface RegisteredCall {
  readonly script: CallScript;
  readonly bornAt: number;
  readonly faults: FaultQueue;
}

/** The calls that the simulator has, each living by its script. */
export class CallRegistry {
  readonly #calls = new Map<string, RegisteredCall>();
  readonly #clock: SimulatorClock;

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Begins a call's life now, by the simulator's clock. A call of the same SID is replaced. */
  add(callSid: string, script: CallScript): void {
    this.#calls.set(callSid, { script, bornAt: this.#clock.now(), faults: new FaultQueue(script.faults ?? []) });
  }

  /** What the API says of the call now; `undefined` when it knows no such call. */
  statusOf(callSid: string): StatusBody | undefined {
    const call = this.#calls.get(callSid);
    return call && callStatusAt(call.script, Math.max(0, this.#clock.now() - call.bornAt));
  }

  /** Uses up the call's next scripted fault. */
  takeFault(callSid: string): Fault | undefined {
    return this.#calls.get(callSid)?.faults.take();
  }
}

/** A request that the simulator received. Holds neither token nor body, so no phone number either. */
export interface RecordedRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  /** The call asked about, or the call that was triggered; absent when there is none. */
  readonly callSid?: string;
  /** When it arrived, in real time. Epoch milliseconds. */
  readonly at: number;
  /** When it arrived, by the simulator's clock. Epoch milliseconds. */
  readonly simulatedAt: number;
  /**
   * The HTTP status answered; `pending` while there is no answer; `dropped` when there will be no whole one, because
   * the client left or a fault broke the connection.
   */
  readonly status: number | 'pending' | 'dropped';
  /** What the answer says in `X-PolyAI-Correlation-Id`. */
  readonly correlationId: string;
}

/** A record while its request is under way. */
export type OpenRecord = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

const MAX_RECORDED_REQUESTS = 100_000;
/** Old records go in batches: to drop one from the front of an array moves all the others. */
const BATCH = 10_000;

/** What was asked, in order of arrival. Of more than 100,000 requests the latest are kept. */
export class RequestLog {
  readonly #records: OpenRecord[] = [];
  /** A live view. It never shows more than is kept, for whoever looks has the surplus dropped first. */
  readonly records: readonly RecordedRequest[] = new Proxy(this.#records, {
    get: (records, key): unknown => Reflect.get(this.#dropSurplus(records), key),
    has: (records, key) => Reflect.has(this.#dropSurplus(records), key),
    ownKeys: (records) => Reflect.ownKeys(this.#dropSurplus(records)),
    getOwnPropertyDescriptor: (records, key) => Reflect.getOwnPropertyDescriptor(this.#dropSurplus(records), key),
  });

  add(record: OpenRecord): void {
    this.#records.push(record);
    if (this.#records.length >= MAX_RECORDED_REQUESTS + BATCH) this.#dropSurplus(this.#records);
  }

  recordsFor(callSid: string): readonly RecordedRequest[] {
    return this.#dropSurplus(this.#records).filter((record) => record.callSid === callSid);
  }

  #dropSurplus(records: OpenRecord[]): OpenRecord[] {
    const surplus = records.length - MAX_RECORDED_REQUESTS;
    if (surplus > 0) records.splice(0, surplus);
    return records;
  }
}
