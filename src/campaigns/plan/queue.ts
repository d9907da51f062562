import FlatQueue from 'flatqueue';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { checkEligibilityByRules } from '../eligibility.js';
import { iso } from '../rows.js';
import type { RulesInForce } from '../store-transaction.js';
import type { PlanOptions } from './campaign-plan.js';
import type { Deferral, PlanContacts } from './contacts.js';

const LIMITS = 'the limits of the account';
/** A wait that nobody would notice. */
const SOON_MS = 60_000;
/** Between two turns of the event loop: some milliseconds. */
const STEPS_OF_A_TURN = 10_000;

interface QueueOptions extends Pick<PlanOptions, 'signal' | 'onProgress'> {
  readonly inForce: RulesInForce;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Between two calls of the account. */
  readonly intervalMs: number;
}

/** Indexes of contacts, by what becomes of them. */
export interface PlannedQueue {
  /** In the order in which they are dialled. */
  readonly dial: readonly number[];
  readonly later: readonly number[];
  readonly never: readonly number[];
}

/** Goes through the queue as claims would, by the same rules. Sets when a contact is dialled, and the reasons. */
export async function planQueue(contacts: PlanContacts, options: QueueOptions): Promise<PlannedQueue> {
  const queue = new Queue(contacts, options);
  await queue.run();
  return queue;
}

/** Waiting contacts by when they are due, and when the account dials next. */
class Queue implements PlannedQueue {
  readonly dial: number[] = [];
  readonly later: number[] = [];
  readonly never: number[] = [];
  readonly #waiting: FlatQueue;
  /** Since when a contact could have been called, if the account had been free. */
  readonly #callableAt: Float64Array;
  #freeAtMs: number;

  constructor(
    private readonly contacts: PlanContacts,
    private readonly options: QueueOptions,
  ) {
    this.#waiting = new FlatQueue(contacts.size);
    this.#callableAt = new Float64Array(contacts.size);
    this.#freeAtMs = options.fromMs;
  }

  async run(): Promise<void> {
    const { dueAt } = this.contacts;
    const settled: number[] = [];
    for (const index of this.contacts.byDueTime()) {
      if (this.contacts.stateOf(index) === 'waiting') this.#add(index);
      else settled.push(index);
    }
    let steps = 0;
    for (let index = this.#waiting.pop(); index !== undefined; index = this.#waiting.pop()) {
      const atMs = Math.max(dueAt[index]!, this.#freeAtMs);
      this.#take(index, atMs);
      steps += 1;
      if (steps % STEPS_OF_A_TURN === 0) await this.#report(Math.min(atMs, this.options.untilMs));
    }
    for (const index of settled) this.never.push(index);
  }

  #add(index: number): void {
    const dueMs = this.contacts.dueAt[index]!;
    this.#waiting.push(index, dueMs);
    const firstMs = Math.max(dueMs, this.options.fromMs);
    const deferral = this.#deferralAt(index, firstMs);
    this.#callableAt[index] = deferral ? deferral.untilMs : firstMs;
    if (deferral && this.contacts.reasonOf(index) === '') this.contacts.setReason(index, deferral.reason);
  }

  async #report(upToMs: number): Promise<void> {
    const { signal, onProgress } = this.options;
    await nextTurn();
    signal?.throwIfAborted();
    onProgress?.({ contacts: this.contacts.size, upTo: iso(upToMs) });
  }

  /** A contact whose turn it is: it is dialled, waits on, or leaves the queue. */
  #take(index: number, atMs: number): void {
    const { inForce, untilMs, intervalMs } = this.options;
    const { deadlineMs } = inForce.rules;
    const isLate = atMs - this.#callableAt[index]! > SOON_MS;
    const delay = isLate ? LIMITS : this.contacts.reasonOf(index);
    if (deadlineMs !== null && atMs >= deadlineMs) return this.#put(index, this.never, 'the deadline passes before');
    if (atMs >= untilMs) return this.#put(index, this.later, delay || LIMITS);
    const deferral = this.#deferralAt(index, Math.round(atMs));
    if (deferral?.untilMs === Infinity) return this.#put(index, this.never, deferral.reason);
    if (deferral) return this.#defer(index, delay ? { ...deferral, reason: delay } : deferral);
    this.contacts.dueAt[index] = atMs;
    this.#freeAtMs = atMs + intervalMs;
    this.#put(index, this.dial, delay);
  }

  /** In the order of `checkEligibility`. */
  #deferralAt(index: number, nowMs: number): Deferral | undefined {
    const ineligibility = checkEligibilityByRules(this.contacts.calleeOf(index), this.options.inForce, nowMs);
    if (!ineligibility) return this.contacts.deferralAt(index, nowMs);
    return { untilMs: ineligibility.dueAt ?? Infinity, reason: ineligibility.reason };
  }

  #put(index: number, indexes: number[], reason: string): void {
    this.contacts.setReason(index, reason);
    indexes.push(index);
  }

  #defer(index: number, { untilMs, reason }: Deferral): void {
    this.contacts.setReason(index, reason);
    this.contacts.dueAt[index] = untilMs;
    this.#callableAt[index] = untilMs;
    this.#waiting.push(index, untilMs);
  }
}
