import { isDeepStrictEqual } from 'node:util';

import type { Attempt, Contact } from '../../src/campaigns/records.js';
import {
  ATTEMPT_STATES,
  type CampaignProgress,
  CONTACT_STATES,
  type ContactState,
} from '../../src/contract/campaign.js';
import type { DialledCall } from '../../src/simulator.js';
import type { ReadReport } from './report-page.js';
import { offsetMs } from './wall-clock.js';

type CsvRow = Readonly<Record<string, string>>;

/** All that says something about one campaign, each part from where it is read. */
export interface CampaignEvidence {
  /** The calls that the simulator dialled. */
  readonly ledger: readonly DialledCall[];
  /** Exported as JSON Lines. */
  readonly contacts: readonly Contact[];
  readonly attempts: readonly Attempt[];
  /** Exported as CSV. */
  readonly contactRows: readonly CsvRow[];
  readonly attemptRows: readonly CsvRow[];
  /** By where it was read. */
  readonly progress: Readonly<Record<string, CampaignProgress>>;
  readonly report: ReadReport;
}

/** In what the parts of the evidence disagree, row by row; nothing if they agree. */
export function disagreementsIn(evidence: CampaignEvidence): string[] {
  return [
    ...csvDisagreements(evidence),
    ...ledgerDisagreements(evidence),
    ...contactDisagreements(evidence),
    ...progressDisagreements(evidence),
    ...reportDisagreements(evidence),
  ];
}

function* differing(what: string, found: unknown, expected: unknown): Generator<string> {
  if (!isDeepStrictEqual(found, expected)) yield `${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`;
}

function* csvDisagreements({ contacts, attempts, contactRows, attemptRows }: CampaignEvidence): Generator<string> {
  yield* differingRows('contacts as CSV', contactRows, contacts);
  yield* differingRows('attempts as CSV', attemptRows, attempts);
}

function* differingRows(what: string, rows: readonly CsvRow[], items: readonly object[]): Generator<string> {
  yield* differing(what, rows.length, items.length);
  for (const [index, row] of rows.entries()) {
    const expected = Object.keys(row).map((column) => [column, cellOf(items[index] ?? {}, column)] as const);
    yield* differing(`row ${index + 1} of the ${what}`, row, Object.fromEntries<string>(expected));
  }
}

function cellOf(item: object, column: string): string {
  const field = column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const value = (item as Readonly<Record<string, string | number | object | undefined>>)[field];
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value ?? '');
}

/** SQLite's clock is a product of floating-point numbers, which may lose a millisecond. */
const CLOCK_MS = 1;

function* ledgerDisagreements({ ledger, contacts, attempts }: CampaignEvidence): Generator<string> {
  const calls = groupBy(ledger, attemptIdOf);
  const numbers = new Map(contacts.map(({ contactId, number }) => [contactId, number]));
  for (const attempt of attempts) {
    const { attemptId, contactId, state, callSid, postingAt = '', postedAt } = attempt;
    const [call, ...others] = calls.get(attemptId) ?? [];
    const what = `attempt ${attemptId} (${state})`;
    if (others.length > 0) yield `${what}: dialled ${1 + others.length} times`;
    if (!call && ['posted', 'ended'].includes(state)) yield `${what}: not dialled`;
    if (!call) continue;
    if (['intended', 'not_sent'].includes(state)) yield `${what}: dialled`;
    yield* differing(`${what}: number`, call.toNumber, numbers.get(contactId));
    if (callSid !== undefined) yield* differing(`${what}: call SID`, callSid, call.callSid);
    const isBetween =
      Date.parse(postingAt) <= call.dialledAt &&
      call.dialledAt <= (postedAt === undefined ? Infinity : Date.parse(postedAt) + CLOCK_MS);
    if (!isBetween) yield `${what}: dialled at ${call.dialledAt}, not between ${postingAt} and ${postedAt}`;
  }
  const known = new Set(attempts.map(({ attemptId }) => attemptId));
  for (const call of ledger) {
    if (!known.has(attemptIdOf(call)))
      yield `call ${call.callSid}: of attempt ${attemptIdOf(call)}, which is not known`;
  }
}

function attemptIdOf({ metadata }: DialledCall): string {
  return metadata['temporal_polyai_attempt'] ?? '';
}

function* contactDisagreements({ contacts, attempts }: CampaignEvidence): Generator<string> {
  const byContact = groupBy(attempts, ({ contactId }) => contactId);
  for (const { contactId, state, dueAt } of contacts) {
    const made = byContact.get(contactId) ?? [];
    yield* differing(
      `attempts on contact ${contactId}`,
      made.map(({ attempt }) => attempt),
      made.map((_, index) => index + 1),
    );
    const allowed = statesAfter(made.at(-1));
    if (!allowed.includes(state)) yield `contact ${contactId}: ${state}, not ${allowed.join(' or ')}`;
    yield* differing(`contact ${contactId}: whether it is due`, dueAt !== undefined, state === 'waiting');
    byContact.delete(contactId);
  }
  for (const contactId of byContact.keys()) yield `attempts on contact ${contactId}, which is not known`;
}

function statesAfter(last: Attempt | undefined): readonly ContactState[] {
  switch (last?.state) {
    case undefined:
      return ['waiting', 'suppressed', 'blocked'];
    case 'ambiguous':
      return ['ambiguous'];
    case 'not_sent':
      return [last.disposition === 'invalid-number' ? 'failed' : 'waiting'];
    case 'ended':
      if (last.disposition === 'opted-out') return ['suppressed'];
      return ['answered', 'human'].includes(last.disposition ?? '') ? ['done'] : ['waiting', 'failed'];
    default:
      return ['dialling'];
  }
}

function* progressDisagreements({ contacts, attempts, progress }: CampaignEvidence): Generator<string> {
  const [first] = Object.values(progress);
  const rows = new Map(attempts.map((attempt) => [attempt.attemptId, attempt]));
  for (const [source, read] of Object.entries(progress)) {
    const zeros = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, 0]));
    yield* differing(`contacts by ${source}`, read.contacts, { ...zeros(CONTACT_STATES), ...statesOf(contacts) });
    yield* differing(`attempts by ${source}`, read.attempts, { ...zeros(ATTEMPT_STATES), ...statesOf(attempts) });
    yield* differing(`dispositions by ${source}`, read.dispositions, dispositionsOf(attempts));
    yield* differing(`state by ${source}`, [read.state, read.rulesVersion], [first!.state, first!.rulesVersion]);
    for (const { attemptId, contactId, state, reason, at } of read.lastProblems) {
      const row = rows.get(attemptId);
      const found = row && [row.contactId, row.state, row.reason, row.endedAt];
      yield* differing(`problem of attempt ${attemptId} by ${source}`, [contactId, state, reason, at], found);
    }
  }
}

function* reportDisagreements({ ledger, contacts, attempts, report }: CampaignEvidence): Generator<string> {
  const ambiguous = new Set(attempts.filter(({ state }) => state === 'ambiguous').map(({ attemptId }) => attemptId));
  const ended = attempts.filter(({ state }) => state === 'ended');
  const answered = ended.filter(({ disposition }) => ['answered', 'human', 'call-back'].includes(disposition!));
  // Of an ambiguous attempt nobody knows whether there is a call.
  const calls = groupBy(
    ledger.filter((call) => !ambiguous.has(attemptIdOf(call))),
    ({ toNumber }) => toNumber,
  );
  const callsTo = ({ number }: Contact): number => calls.get(number)?.length ?? 0;
  const done = statesOf(contacts)['done'] ?? 0;
  const { tables, summary } = report;
  const unclassified = ended.filter(({ disposition }) => disposition === 'unclassified');
  yield* differing('summary of the report', summary, {
    'contacts reached': [done, contacts.length],
    'calls answered': [answered.length, ended.length],
    'calls unclassified': [unclassified.length, ended.length],
    'ambiguous attempts': [ambiguous.size],
  });
  yield* differing('contacts in the report', byFirstCell(tables['contacts']), statesOf(contacts));
  yield* differing('attempts in the report', byFirstCell(tables['attempts']), statesOf(attempts));
  yield* differing('outcomes in the report', byFirstCell(tables['outcomes']), dispositionsOf(attempts));
  yield* differing('contacts reached in the report', byFirstCell(tables['reached']), {
    called: contacts.filter((contact) => callsTo(contact) > 0).length,
    imported: contacts.length,
    reached: done,
  });
  yield* differing(
    'calls to each contact in the report',
    byFirstCell(tables['calls-to-each-contact']),
    countBy(contacts, (contact) => String(callsTo(contact))),
  );
  yield* differing(
    'outcomes by attempt in the report',
    Object.fromEntries(
      tables['outcomes-by-attempt']!.map(([attempt, outcome, count]) => [`${attempt} ${outcome}`, count]),
    ),
    countBy(ended, ({ attempt, disposition }) => `${attempt} ${disposition}`),
  );
  yield* differing('hours in the report', byFirstCell(tables['hours']), hoursOf(contacts, attempts));
  const pace = tables['pace']!.reduce((sum, [, , count]) => sum + Number(count), 0);
  yield* differing('calls in the pace of the report', pace, [...calls.values()].flat().length);
  const listed = tables['ambiguous']!.map((row) => row[2]);
  yield* differing('ambiguous attempts in the report', listed.toSorted(), [...ambiguous].toSorted());
}

/** Calls by the hour in the contact's time zone, as `9:00`. */
function hoursOf(contacts: readonly Contact[], attempts: readonly Attempt[]): Record<string, number> {
  const zones = new Map(contacts.map(({ contactId, timeZones }) => [contactId, timeZones[0]!]));
  const known = attempts.filter(({ state }) => state === 'posted' || state === 'ended');
  return countBy(known, ({ contactId, postedAt, postingAt }) => {
    const atMs = Date.parse(postedAt ?? postingAt!);
    return `${new Date(atMs + offsetMs(zones.get(contactId)!, atMs)).getUTCHours()}:00`;
  });
}

function byFirstCell(rows: ReadReport['tables'][string] = []): Record<string, unknown> {
  return Object.fromEntries<unknown>(rows.map(([key, value]) => [String(key), value]));
}

function statesOf(items: readonly { readonly state: string }[]): Record<string, number> {
  return countBy(items, ({ state }) => state);
}

function dispositionsOf(attempts: readonly Attempt[]): Record<string, number> {
  const known = attempts.filter(({ disposition }) => disposition !== undefined);
  return countBy(known, ({ disposition }) => disposition!);
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  return Object.fromEntries([...groupBy(items, keyOf)].map(([key, group]) => [key, group.length]));
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
