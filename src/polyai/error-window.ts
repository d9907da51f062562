/** What a response, or its absence, says about the API: `rate-limited` for 429, `error` when the API failed, else `ok`. */
export type ResponseClass = 'ok' | FailureClass;

export type FailureClass = 'rate-limited' | 'error';

const BUCKETS = 3;
/** Subjects are counted up to this number. */
const MAX_SUBJECTS = 16;

interface Bucket {
  second: number;
  requests: number;
  errors: number;
  readonly subjects: Readonly<Record<FailureClass, Set<string>>>;
}

/** Counts the responses of the last two to three seconds by class. */
export class ErrorWindow {
  readonly #buckets: readonly Bucket[] = Array.from({ length: BUCKETS }, () => ({
    second: -1,
    requests: 0,
    errors: 0,
    subjects: { 'rate-limited': new Set<string>(), error: new Set<string>() },
  }));

  /** @param subject what the request was for: usually a call */
  add(responseClass: ResponseClass, subject: string, nowMs: number): void {
    const bucket = this.#bucketAt(nowMs);
    bucket.requests += 1;
    if (responseClass === 'ok') return;
    if (responseClass === 'error') bucket.errors += 1;
    const subjects = bucket.subjects[responseClass];
    if (subjects.size < MAX_SUBJECTS) subjects.add(subject);
  }

  /** Whether at least half of the requests failed. */
  isMostlyErrors(nowMs: number): boolean {
    let requests = 0;
    let errors = 0;
    for (const bucket of this.#current(nowMs)) {
      requests += bucket.requests;
      errors += bucket.errors;
    }
    return errors > 0 && errors * 2 >= requests;
  }

  /** How many different subjects had a response of this class. */
  subjects(responseClass: FailureClass, nowMs: number): number {
    return new Set(this.#current(nowMs).flatMap(({ subjects }) => [...subjects[responseClass]])).size;
  }

  #current(nowMs: number): readonly Bucket[] {
    const oldest = Math.floor(nowMs / 1_000) - BUCKETS + 1;
    return this.#buckets.filter(({ second }) => second >= oldest);
  }

  #bucketAt(nowMs: number): Bucket {
    const second = Math.floor(nowMs / 1_000);
    const bucket = this.#buckets[second % BUCKETS]!;
    if (bucket.second !== second) {
      Object.assign(bucket, { second, requests: 0, errors: 0 });
      bucket.subjects['rate-limited'].clear();
      bucket.subjects.error.clear();
    }
    return bucket;
  }
}
