/** What a response, or its absence, says about the API: `rate-limited` for 429, `error` when the API failed, else `ok`. */
export type ResponseClass = 'ok' | FailureClass;

export type FailureClass = 'rate-limited' | 'error';

const BUCKETS = 3;
/** Subjects are counted up to this number. */
const MAX_SUBJECTS = 16;

/** A response, and what is known about the call or trigger that it is for. */
export interface JudgedResponse {
  readonly responseClass: ResponseClass;
  /** What the request was for: usually a call. */
  readonly subject: string;
  /** Whether the API answered the subject's request before this one. */
  readonly isProven: boolean;
}

interface Bucket {
  second: number;
  all: Tally;
  proven: Tally;
  readonly rateLimited: Set<string>;
}

interface Tally {
  requests: number;
  errors: number;
  readonly failing: Set<string>;
}

const newTally = (): Tally => ({ requests: 0, errors: 0, failing: new Set() });

/**
 * The share of errors from which on the API fails widely. Below that each call's own backoff is enough, and a limit for all would
 * slow down the calls that work.
 */
const WIDE_SHARE = 0.95;

/**
 * Counts the responses of the last two to three seconds. Errors are judged by the calls that the API answered before: a call that
 * always fails says nothing about the others. Only without such calls all others count.
 */
export class ErrorWindow {
  readonly #buckets: Bucket[] = Array.from({ length: BUCKETS }, () => newBucket(-1));

  add({ responseClass, subject, isProven }: JudgedResponse, nowMs: number): void {
    const bucket = this.#bucketAt(nowMs);
    count(bucket.all, responseClass, subject);
    if (isProven) count(bucket.proven, responseClass, subject);
    if (responseClass === 'rate-limited') addUpToMaximum(bucket.rateLimited, subject);
  }

  /** Whether nearly all requests that count failed. */
  isOutage(nowMs: number): boolean {
    let requests = 0;
    let errors = 0;
    for (const tally of this.#judged(nowMs)) {
      requests += tally.requests;
      errors += tally.errors;
    }
    return errors > 0 && errors >= requests * WIDE_SHARE;
  }

  /** How many different subjects had a response of this class that counts. */
  subjects(responseClass: FailureClass, nowMs: number): number {
    const sets =
      responseClass === 'error'
        ? this.#judged(nowMs).map(({ failing }) => failing)
        : this.#current(nowMs).map(({ rateLimited }) => rateLimited);
    return new Set(sets.flatMap((subjects) => [...subjects])).size;
  }

  #judged(nowMs: number): readonly Tally[] {
    const current = this.#current(nowMs);
    const hasProven = current.some(({ proven }) => proven.requests > 0);
    return current.map(({ all, proven }) => (hasProven ? proven : all));
  }

  #current(nowMs: number): readonly Bucket[] {
    const oldest = Math.floor(nowMs / 1_000) - BUCKETS + 1;
    return this.#buckets.filter(({ second }) => second >= oldest);
  }

  #bucketAt(nowMs: number): Bucket {
    const second = Math.floor(nowMs / 1_000);
    const index = second % BUCKETS;
    if (this.#buckets[index]!.second !== second) this.#buckets[index] = newBucket(second);
    return this.#buckets[index]!;
  }
}

function newBucket(second: number): Bucket {
  return { second, all: newTally(), proven: newTally(), rateLimited: new Set() };
}

function count(tally: Tally, responseClass: ResponseClass, subject: string): void {
  tally.requests += 1;
  if (responseClass !== 'error') return;
  tally.errors += 1;
  addUpToMaximum(tally.failing, subject);
}

function addUpToMaximum(subjects: Set<string>, subject: string): void {
  if (subjects.size < MAX_SUBJECTS) subjects.add(subject);
}
