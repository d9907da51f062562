import { CONTACT_STATES, type ContactState } from '../../contract/campaign.js';
import { type Callee, calleeOf } from '../eligibility.js';
import type { ContactRow } from '../rows.js';

/** What a plan needs of a contact's row. */
export type PlanRow = Omit<ContactRow, 'campaign_id' | 'reference' | 'variables' | 'judged_by'>;

/** Why a contact cannot be called, and until when; `Infinity`: never. */
export interface Deferral {
  /** Epoch milliseconds. */
  readonly untilMs: number;
  readonly reason: string;
}

/** Contacts of a campaign in columns, a hundred bytes for each: there may be a million. Each has an index. */
export class PlanContacts {
  readonly ids: string[] = [];
  /** When a waiting contact is due, or is dialled. */
  readonly dueAt: Float64Array;
  readonly #states: Uint8Array;
  readonly #deferredUntil: Float64Array;
  readonly #deferralReasons: Uint32Array;
  readonly #reasons: Uint32Array;
  readonly #callees: Uint32Array;
  readonly #knownCallees = new Distinct<Callee>();
  readonly #knownReasons = new Distinct<string>();

  constructor(capacity: number) {
    this.dueAt = new Float64Array(capacity);
    this.#states = new Uint8Array(capacity);
    this.#deferredUntil = new Float64Array(capacity);
    this.#deferralReasons = new Uint32Array(capacity);
    this.#reasons = new Uint32Array(capacity);
    this.#callees = new Uint32Array(capacity);
  }

  get size(): number {
    return this.ids.length;
  }

  add(row: PlanRow, { reason, deferral }: { readonly reason: string; readonly deferral: Deferral | undefined }): void {
    const index = this.ids.push(row.contact_id) - 1;
    this.dueAt[index] = row.due_at;
    this.#states[index] = CONTACT_STATES.indexOf(row.state);
    this.#deferredUntil[index] = deferral?.untilMs ?? -Infinity;
    this.#deferralReasons[index] = this.#knownReasons.indexOf(deferral?.reason ?? '', (text) => text);
    const key = `${row.consent === '' ? '-' : '+'}|${row.time_zones}|${row.regions}`;
    this.#callees[index] = this.#knownCallees.indexOf(key, () => calleeOf(row));
    this.setReason(index, reason);
  }

  stateOf(index: number): ContactState {
    return CONTACT_STATES[this.#states[index]!]!;
  }

  calleeOf(index: number): Callee {
    return this.#knownCallees.values[this.#callees[index]!]!;
  }

  deferralAt(index: number, nowMs: number): Deferral | undefined {
    const untilMs = this.#deferredUntil[index]!;
    return untilMs > nowMs ? { untilMs, reason: this.#knownReasons.values[this.#deferralReasons[index]!]! } : undefined;
  }

  /** What holds a contact up, or why it is not dialled. */
  reasonOf(index: number): string {
    return this.#knownReasons.values[this.#reasons[index]!]!;
  }

  setReason(index: number, reason: string): void {
    this.#reasons[index] = this.#knownReasons.indexOf(reason, (text) => text);
  }

  /** All indexes, by when the contacts are due. */
  byDueTime(): Uint32Array {
    return Uint32Array.from(this.ids.keys()).sort((one, other) => this.dueAt[one]! - this.dueAt[other]!);
  }
}

/** Values that many contacts share. */
class Distinct<T> {
  readonly values: T[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(key: string, create: (key: string) => T): number {
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.values.length);
    return this.values.push(create(key)) - 1;
  }
}
