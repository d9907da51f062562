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
