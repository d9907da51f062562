import type { Standing } from './subjects.js';

/**
 * Who waits for a request, first things first: someone who wants its response now, a call that has had none yet, then calls that
 * the API answers, then calls for which it fails.
 */
const RANKS = ['urgent', 'urgent-failing', 'new', 'good', 'failing'] as const;

type Rank = (typeof RANKS)[number];

/** Every fourth admission takes the request that has waited longest, whatever its rank, so that none starves. */
const OLDEST_EVERY = 4;

/** A request that waits to be sent. */
export interface WaitingRequest {
  readonly isUrgent: boolean;
  readonly standing: Standing;
  /** Since when its subject wants to be sent, earlier tries included. */
  readonly waitingSinceMs: number;
  /** Whether there was an earlier try. */
  readonly hasReturned: boolean;
  /** In order of arrival: no two are equal. */
  readonly sequence: number;
}

/** Requests that wait, by rank, and within a rank by the time they have waited. */
export class RequestQueue<R extends WaitingRequest> {
  readonly #lines = new Map(RANKS.map((rank) => [rank, new Line<R>()]));
  #admissions = 0;

  get size(): number {
    let size = 0;
    for (const line of this.#lines.values()) size += line.size;
    return size;
  }

  add(request: R): void {
    this.#lines.get(rankOf(request))!.add(request);
  }

  delete(request: R): void {
    this.#lines.get(rankOf(request))!.delete(request);
  }

  /** The request to admit next; `undefined` when none may be. */
  next({ onlyProven }: { readonly onlyProven: boolean }): R | undefined {
    if (this.size === 0) return undefined;
    const isTurnOfOldest = (this.#admissions + 1) % OLDEST_EVERY === 0;
    let next: R | undefined;
    for (const { first } of this.#lines.values()) {
      if (!first || (onlyProven && isUnproven(first))) continue;
      if (!isTurnOfOldest) return first;
      if (!next || isBefore(first, next)) next = first;
    }
    return next;
  }

  /** Removes a request that is sent. */
  admit(request: R): void {
    this.#admissions += 1;
    this.delete(request);
  }

  /** Removes all requests. */
  clear(): readonly R[] {
    return [...this.#lines.values()].flatMap((line) => line.clear());
  }
}

function rankOf({ isUrgent, standing }: WaitingRequest): Rank {
  if (isUrgent) return standing === 'failing' ? 'urgent-failing' : 'urgent';
  return standing;
}

/** Whether the API may fail to answer: it did so last time, or the call is new and nobody waits for this response. */
export function isUnproven({ isUrgent, standing }: Pick<WaitingRequest, 'isUrgent' | 'standing'>): boolean {
  return standing === 'failing' || (standing === 'new' && !isUrgent);
}

/** Requests in the order in which they began to wait. */
class Line<R extends WaitingRequest> {
  /** Those that began to wait when they arrived; the oldest first. */
  readonly #arrived = new Set<R>();
  /**
   * Requests whose subject gave up waiting before and now resumes its place; kept sorted, because they arrive in any order.
   */
  #returned: R[] = [];

  get size(): number {
    return this.#arrived.size + this.#returned.length;
  }

  get first(): R | undefined {
    const [arrived] = this.#arrived;
    const [returned] = this.#returned;
    return arrived && returned && isBefore(arrived, returned) ? arrived : (returned ?? arrived);
  }

  add(request: R): void {
    if (request.hasReturned) this.#returned.splice(this.#placeOf(request), 0, request);
    else this.#arrived.add(request);
  }

  delete(request: R): void {
    if (this.#arrived.delete(request)) return;
    const place = this.#placeOf(request);
    if (this.#returned[place] === request) this.#returned.splice(place, 1);
  }

  clear(): R[] {
    const all = [...this.#returned, ...this.#arrived];
    this.#returned = [];
    this.#arrived.clear();
    return all;
  }

  /** The number of returned requests before this one, by binary search. */
  #placeOf(request: R): number {
    let low = 0;
    let high = this.#returned.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#returned[middle]!, request)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(one: WaitingRequest, other: WaitingRequest): boolean {
  return (
    one.waitingSinceMs < other.waitingSinceMs ||
    (one.waitingSinceMs === other.waitingSinceMs && one.sequence < other.sequence)
  );
}
