/** A request that the simulator received. It has neither the token nor the body, so no phone number either. */
export interface RecordedRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** The call of a status request, or the call that was triggered; absent when there is none. */
  readonly callSid?: string;
  /** When it arrived, in real time. Epoch milliseconds. */
  readonly at: number;
  /** When it arrived, by the simulator's clock. Epoch milliseconds. */
  readonly simulatedAt: number;
  /**
   * The HTTP status of the response; `pending` while there is none; `dropped` when there will be no complete one, because
   * the client left or a fault broke the connection.
   */
  readonly status: number | 'pending' | 'dropped';
  /** The response's `X-PolyAI-Correlation-Id`. */
  readonly correlationId: string;
}

/** A recorded request whose response is still to come. */
export type OpenRecord = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

const MIN_RECORDS = 100_000;
/** Removing from the front of an array moves all other elements, so old records are removed in batches. */
const BATCH = 10_000;

/** The requests in order of arrival: at least the latest 100,000, at most 10,000 more. */
export class RequestLog {
  readonly #records: OpenRecord[] = [];

  /** A live view: later requests appear in the same array. */
  get records(): readonly RecordedRequest[] {
    return this.#records;
  }

  add(record: OpenRecord): void {
    this.#records.push(record);
    if (this.#records.length >= MIN_RECORDS + BATCH) this.#records.splice(0, BATCH);
  }

  recordsFor(callSid: string): readonly RecordedRequest[] {
    return this.#records.filter((record) => record.callSid === callSid);
  }
}
