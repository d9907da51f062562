import { classifyDisposition } from '../../../campaigns/attempt-plan.js';
import type { Attempt, Contact } from '../../../campaigns/records.js';
import type { Disposition } from '../../../contract/disposition.js';

/** What the plots of a campaign's report show: counted from its contacts and attempts, in the order of time or size. */
export interface ReportData {
  readonly funnel: readonly { readonly step: string; readonly contacts: number }[];
  readonly contacts: Readonly<Partial<Record<string, number>>>;
  readonly attempts: Readonly<Partial<Record<string, number>>>;
  readonly dispositions: readonly { readonly disposition: string; readonly calls: number }[];
  readonly byAttempt: readonly { readonly attempt: number; readonly disposition: string; readonly calls: number }[];
  /** By the hour in the contact's first time zone in which PolyAI accepted the call. */
  readonly byHour: readonly { readonly hour: number; readonly calls: number; readonly answered: number }[];
  readonly callsPerContact: readonly { readonly calls: number; readonly contacts: number }[];
  readonly pace: readonly { readonly from: Date; readonly to: Date; readonly calls: number }[];
  /** Calls that have ended, and how many of them were answered. */
  readonly ended: number;
  readonly answered: number;
  readonly unclassified: number;
  readonly ambiguous: readonly AmbiguousAttempt[];
  readonly ambiguousTotal: number;
}

/** A contact that may have been dialled. Without the number, unless it was asked for. */
export interface AmbiguousAttempt {
  readonly contactId: string;
  readonly reference: string;
  readonly number: string;
  readonly attemptId: string;
  readonly at: string;
  readonly reason: string;
}

/** A page with more rows than that is not read. */
const MAX_AMBIGUOUS = 1_000;

interface KnownContact {
  readonly zone: string | undefined;
  readonly reference: string;
  readonly number: string;
  calls: number;
}

/** Counts what a report shows. Holds a small entry for each contact. */
export class ReportCounts {
  readonly #contacts = new Map<string, KnownContact>();
  readonly #contactStates = new Counter<string>();
  readonly #attemptStates = new Counter<string>();
  readonly #dispositions = new Counter<Disposition>();
  readonly #byAttempt = new Counter<string>();
  readonly #hours = new LocalHours();
  readonly #calls = new Counter<number>();
  readonly #answered = new Counter<number>();
  readonly #calledAtMs: number[] = [];
  readonly #ambiguous: AmbiguousAttempt[] = [];
  #answers = 0;

  addContact({ contactId, timeZones, reference = '', number, state }: Contact): void {
    this.#contacts.set(contactId, { zone: timeZones[0], reference, number, calls: 0 });
    this.#contactStates.add(state);
  }

  /** After the contacts. */
  addAttempt(attempt: Attempt): void {
    const { contactId, state, disposition } = attempt;
    this.#attemptStates.add(state);
    if (disposition !== undefined) this.#dispositions.add(disposition);
    const contact = this.#contacts.get(contactId);
    if (state === 'ambiguous' && this.#ambiguous.length < MAX_AMBIGUOUS)
      this.#ambiguous.push(ambiguousOf(attempt, contact));
    if (state === 'ended' && disposition !== undefined) this.#addEnded(attempt.attempt, disposition);
    const calledAt = calledAtOf(attempt);
    if (calledAt === undefined || !contact) return;
    contact.calls += 1;
    this.#calledAtMs.push(Date.parse(calledAt));
    const hour = this.#hours.of(calledAt, contact.zone);
    if (hour === undefined) return;
    this.#calls.add(hour);
    if (isAnswered(attempt)) this.#answered.add(hour);
  }

  #addEnded(attempt: number, disposition: Disposition): void {
    this.#byAttempt.add(`${attempt} ${disposition}`);
    if (classifyDisposition(disposition) === 'success') this.#answers += 1;
  }

  result(): ReportData {
    const perContact = new Counter<number>();
    for (const { calls } of this.#contacts.values()) perContact.add(calls);
    const dispositions = this.#dispositions.entries().sort(([, one], [, other]) => other - one);
    return {
      funnel: [
        { step: 'imported', contacts: this.#contacts.size },
        { step: 'called', contacts: this.#contacts.size - perContact.of(0) },
        { step: 'reached', contacts: this.#contactStates.of('done') },
      ],
      contacts: Object.fromEntries(this.#contactStates.entries()),
      attempts: Object.fromEntries(this.#attemptStates.entries()),
      dispositions: dispositions.map(([disposition, calls]) => ({ disposition, calls })),
      byAttempt: this.#byAttempt
        .entries()
        .map(([key, calls]) => {
          const [attempt = '', disposition = ''] = key.split(' ');
          return { attempt: Number(attempt), disposition, calls };
        })
        .sort((one, other) => one.attempt - other.attempt || other.calls - one.calls),
      byHour: Array.from({ length: 24 }, (_, hour) => {
        return { hour, calls: this.#calls.of(hour), answered: this.#answered.of(hour) };
      }),
      callsPerContact: perContact
        .entries()
        .map(([calls, contacts]) => ({ calls, contacts }))
        .sort((one, other) => one.calls - other.calls),
      pace: paceOf(this.#calledAtMs),
      ended: this.#attemptStates.of('ended'),
      answered: this.#answers,
      unclassified: this.#dispositions.of('unclassified'),
      ambiguous: this.#ambiguous,
      ambiguousTotal: this.#attemptStates.of('ambiguous'),
    };
  }
}

/** When PolyAI called, as far as it is known. An ambiguous attempt has called once somebody has reported how the call ended. */
function calledAtOf({ state, postedAt, postingAt }: Attempt): string | undefined {
  return postedAt ?? (state === 'ended' ? postingAt : undefined);
}

function isAnswered({ state, disposition }: Attempt): boolean {
  return state === 'ended' && disposition !== undefined && classifyDisposition(disposition) === 'success';
}

function ambiguousOf(attempt: Attempt, contact: KnownContact | undefined): AmbiguousAttempt {
  const { attemptId, contactId, postingAt, intendedAt, reason } = attempt;
  const { reference = '', number = '' } = contact ?? {};
  return { contactId, reference, number, attemptId, at: postingAt ?? intendedAt, reason };
}

const MINUTE_MS = 60_000;
const STEPS_MS = [1 / 12, 1 / 4, 1, 5, 15, 60, 6 * 60, 24 * 60].map((minutes) => minutes * MINUTE_MS);
const MAX_STEPS = 120;

/** Calls in spans of one length, the shortest with which a plot is not crowded; also those without a call. */
export function paceOf(atMs: readonly number[]): ReportData['pace'] {
  if (atMs.length === 0) return [];
  const [first, last] = atMs.reduce(([min, max], at) => [Math.min(min, at), Math.max(max, at)], [Infinity, -Infinity]);
  const stepMs = STEPS_MS.find((step) => (last - first) / step <= MAX_STEPS) ?? STEPS_MS.at(-1)!;
  const counts = new Counter<number>();
  for (const at of atMs) counts.add(Math.floor(at / stepMs));
  const begin = Math.floor(first / stepMs);
  return Array.from({ length: Math.floor(last / stepMs) - begin + 1 }, (_, index) => {
    const step = begin + index;
    return { from: new Date(step * stepMs), to: new Date((step + 1) * stepMs), calls: counts.of(step) };
  });
}

class Counter<Key> {
  readonly #counts = new Map<Key, number>();

  add(key: Key): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  entries(): [Key, number][] {
    return [...this.#counts];
  }
}

/** Hours of the day in time zones. */
class LocalHours {
  readonly #formats = new Map<string, Intl.DateTimeFormat | undefined>();

  /** `undefined` in a zone that is not known. */
  of(at: string, zone: string | undefined): number | undefined {
    if (zone === undefined) return undefined;
    if (!this.#formats.has(zone)) this.#formats.set(zone, formatOf(zone));
    const format = this.#formats.get(zone);
    return format && Number(format.format(new Date(at)));
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone });
  } catch {
    return undefined;
  }
}
