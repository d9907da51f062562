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

/** What was asked, in order of arrival. Of more than 100,000 requests the latest are kept. */
export class RequestLog {
  readonly #records: OpenRecord[] = [];

  get records(): readonly RecordedRequest[] {
    return this.#records;
  }

  add(record: OpenRecord): void {
    this.#records.push(record);
    if (this.#records.length > MAX_RECORDED_REQUESTS) this.#records.shift();
  }

  recordsFor(callSid: string): readonly RecordedRequest[] {
    return this.#records.filter((record) => record.callSid === callSid);
  }
}
