/**
 * What is known about a subject: `good` when the API answered its last request, `failing` when the API failed it, `new` before
 * the first response.
 */
export type Standing = 'new' | 'good' | 'failing';

/** More than a worker monitors at once. */
const MAX_SUBJECTS = 20_000;

/** Longer than the longest pause between two tries of a single poll. */
const KEEP_PLACE_MS = 120_000;

interface SubjectRecord {
  standing: Standing;
  /** Since when a request has not been sent, in all its tries. */
  waitingSinceMs: number | undefined;
  lastTriedAtMs: number;
}

/** Remembers what the requests of a client were for: how the last one ended, and since when the next one waits. */
export class Subjects {
  /** In order of use, least recently used first. */
  readonly #records = new Map<string, SubjectRecord>();

  standing(subject: string): Standing {
    return this.#records.get(subject)?.standing ?? 'new';
  }

  /** @returns since when the subject waits: from its first try on, if the tries before this one were not sent */
  recordWaiting(subject: string, nowMs: number): number {
    const record = this.#use(subject);
    const keepsPlace = record.waitingSinceMs !== undefined && nowMs - record.lastTriedAtMs <= KEEP_PLACE_MS;
    const waitingSinceMs = keepsPlace ? record.waitingSinceMs! : nowMs;
    Object.assign(record, { waitingSinceMs, lastTriedAtMs: nowMs });
    return waitingSinceMs;
  }

  recordSent(subject: string): void {
    this.#use(subject).waitingSinceMs = undefined;
  }

  recordResponse(subject: string, standing: Exclude<Standing, 'new'>): void {
    this.#use(subject).standing = standing;
  }

  #use(subject: string): SubjectRecord {
    const record = this.#records.get(subject) ?? { standing: 'new', waitingSinceMs: undefined, lastTriedAtMs: 0 };
    this.#records.delete(subject);
    this.#records.set(subject, record);
    if (this.#records.size > MAX_SUBJECTS) this.#records.delete(this.#records.keys().next().value!);
    return record;
  }
}
