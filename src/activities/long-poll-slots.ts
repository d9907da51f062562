import type { EvictionRank, LongPoll } from './long-poll.js';

/** Who runs a long poll, and for whom. */
export interface LongPollOwner {
  /** The same for each long poll of one worker: several may share these slots, each with slots of its own. */
  readonly worker: object;
  readonly account: object;
}

/** When to retry if no long poll can be evicted. */
const RETRY_MS = 1_000;

/** The long polls of a process. A worker that has more than its limit evicts some, so that waiting calls get a slot. */
export class LongPollSlots {
  readonly #byWorker = new WeakMap<object, WorkerSlots>();

  constructor(private readonly limit: number) {}

  /** Runs a long poll until it ends. */
  async run({ worker, account }: LongPollOwner, longPoll: LongPoll): Promise<void> {
    const slots = this.#byWorker.get(worker) ?? new WorkerSlots(this.limit);
    this.#byWorker.set(worker, slots);
    slots.add(longPoll, account);
    const ended = longPoll.run(() => slots.evict());
    slots.evict();
    try {
      await ended;
    } finally {
      slots.delete(longPoll);
    }
  }
}

/** The long polls of one worker, oldest first. */
class WorkerSlots {
  readonly #accounts = new Map<LongPoll, object>();
  #retry: NodeJS.Timeout | undefined;

  constructor(private readonly limit: number) {}

  add(longPoll: LongPoll, account: object): void {
    this.#accounts.set(longPoll, account);
  }

  delete(longPoll: LongPoll): void {
    this.#accounts.delete(longPoll);
  }

  /** Evicts what is beyond the limit. */
  readonly evict = (): void => {
    clearTimeout(this.#retry);
    while (this.#accounts.size > this.limit) {
      const longPoll = this.#findVictim();
      if (!longPoll) {
        this.#retry = setTimeout(this.evict, RETRY_MS).unref();
        return;
      }
      longPoll.end('evicted');
      this.#accounts.delete(longPoll);
    }
  };

  /** Of the account with the most long polls, so that no account takes the slots of another. */
  #findVictim(): LongPoll | undefined {
    for (const longPolls of this.#largestAccountsFirst()) {
      const victim = lowestRanked(longPolls);
      if (victim) return victim;
    }
    return undefined;
  }

  #largestAccountsFirst(): LongPoll[][] {
    const byAccount = new Map<object, LongPoll[]>();
    for (const [longPoll, account] of this.#accounts) {
      const others = byAccount.get(account);
      if (others) others.push(longPoll);
      else byAccount.set(account, [longPoll]);
    }
    return [...byAccount.values()].sort((a, b) => b.length - a.length);
  }
}

/** The oldest of those that lose least. Of those without any answer the newest: the others have waited longer for theirs. */
function lowestRanked(longPolls: readonly LongPoll[]): LongPoll | undefined {
  let victim: LongPoll | undefined;
  let lowest: EvictionRank | undefined;
  for (const longPoll of longPolls) {
    const rank = longPoll.evictionRank;
    if (rank === undefined) continue;
    if (lowest !== undefined && (rank > lowest || (rank === lowest && rank !== 3))) continue;
    victim = longPoll;
    lowest = rank;
  }
  return victim;
}
