import { z } from 'zod';

import { REPORTED_DISPOSITIONS, type ReportedDisposition } from '../contract/disposition.js';
import type {
  DispositionReport,
  RecordedDisposition,
  StoredDispositionReport,
} from '../contract/disposition-report.js';
import { DAY_MS } from '../contract/duration.js';
import { REPORTS } from './database/schema.js';
import { inPages, PAGE_SIZE, type SqlDatabase, type SqlTransaction } from './database/sql.js';
import { endAttempt } from './endings.js';
import { CampaignError } from './errors.js';
import { type AttemptRow, attemptRow, campaignRow, contactRow, iso } from './rows.js';
import { advanceSequence } from './sequence.js';
import { pauseIfStopRuleSays } from './stop-rule.js';
import type { StoreTransaction } from './store-transaction.js';
import { suppress } from './suppressions.js';

const MAX_CALL_BACK_MS = 366 * DAY_MS;

const text = z.string().min(1).max(200);

/** A report as it comes from outside. An unknown key is an error, so that a typo loses nothing. */
const reportSchema = z
  .strictObject({
    attemptId: text,
    disposition: z.enum(REPORTED_DISPOSITIONS),
    callBackAt: z.iso.datetime({ offset: true }).optional(),
    source: text,
    reportId: text.optional(),
  })
  .refine(({ disposition, callBackAt }) => (disposition === 'call-back') === (callBackAt !== undefined), {
    path: ['callBackAt'],
    error: 'must be given with the disposition "call-back", and with no other',
  });

/** @throws {TypeError} naming the field and what it must be */
export function parseDispositionReport(report: unknown): DispositionReport {
  const { success, data, error } = reportSchema.safeParse(report);
  if (success) return data;
  const [{ path, message } = { path: [], message: 'is invalid' }] = error.issues;
  throw new TypeError(`invalid disposition report: ${[path.join('.'), message].filter(Boolean).join(': ')}`);
}

interface ReportRow {
  readonly attempt_id: string;
  readonly number: number;
  readonly report_id: string;
  readonly contact_id: string;
  readonly disposition: ReportedDisposition;
  readonly call_back_at: number | null;
  readonly source: string;
  readonly reported_at: number;
}

/** See `CampaignStore.recordDisposition`. In an exclusive transaction. */
export async function recordDisposition(transaction: StoreTransaction, input: unknown): Promise<RecordedDisposition> {
  const { tx, nowMs } = transaction;
  const report = parseDispositionReport(input);
  const callBackMs = report.callBackAt === undefined ? null : Date.parse(report.callBackAt);
  if (callBackMs !== null && callBackMs > nowMs + MAX_CALL_BACK_MS) {
    throw new TypeError('invalid disposition report: callBackAt: is more than a year ahead');
  }
  const attempt = await attemptRow(tx, report.attemptId);
  if (!attempt) throw new CampaignError(`there is no attempt "${report.attemptId}"`, 'not-found');
  const { number, state } = (await contactRow(tx, attempt.contact_id))!;
  // Nobody knows any more whose number an opt-out is to suppress.
  if (state === 'erased')
    throw new CampaignError(`the contact of attempt "${report.attemptId}" was erased`, 'not-found');
  const isNew = await writeReport(transaction, attempt, { ...report, callBackMs });
  if (isNew) {
    await advanceSequence(transaction);
    if (report.disposition === 'opted-out') {
      await suppress(transaction, [number], { reason: 'opted out', source: report.source });
    }
    if (attempt.state === 'ended' || attempt.state === 'ambiguous') await correct(transaction, attempt);
  }
  return { isNew, ...(await resultOf(tx, attempt)) };
}

type TimedReport = DispositionReport & { readonly callBackMs: number | null };

/** @returns whether it is not a repetition */
async function writeReport(
  { tx, nowMs }: StoreTransaction,
  attempt: AttemptRow,
  report: TimedReport,
): Promise<boolean> {
  const { disposition, source, callBackMs } = report;
  // An attempt that did not dial is made again under the same ID: what is reported then is another report.
  const content = `${source}:${disposition}:${callBackMs ?? ''}:${attempt.posting_at ?? ''}`;
  const written = await tx.rows(
    `INSERT INTO ${REPORTS}
       (attempt_id, number, report_id, campaign_id, contact_id, disposition, call_back_at, source, reported_at)
     SELECT $1, 1 + COALESCE(MAX(number), 0), CAST($2 AS text), CAST($3 AS text), CAST($4 AS text), CAST($5 AS text),
       CAST($6 AS bigint), CAST($7 AS text), CAST($8 AS bigint)
     FROM ${REPORTS} WHERE attempt_id = $1
     ON CONFLICT (attempt_id, report_id) DO NOTHING RETURNING report_id`,
    [
      ...[attempt.attempt_id, report.reportId ?? content, attempt.campaign_id, attempt.contact_id],
      ...[disposition, callBackMs, source, nowMs],
    ],
  );
  return written.length > 0;
}

/** @throws {CampaignError} without rules that say what comes next: the report is to be sent again */
async function correct(transaction: StoreTransaction, attempt: AttemptRow): Promise<void> {
  const problem = await endByReport(transaction, attempt);
  if (typeof problem === 'string') throw new CampaignError(`the report is not recorded: ${problem}`, 'wrong-state');
  await pauseIfStopRuleSays(transaction, attempt.campaign_id);
}

/**
 * Ends an attempt as it was reported last, also one that is ambiguous: who has its ID, has it from the call.
 *
 * @returns whether there is a report, or why the attempt cannot end
 */
export async function endByReport(transaction: StoreTransaction, attempt: AttemptRow): Promise<boolean | string> {
  const report = await latestReport(transaction.tx, attempt);
  if (!report) return false;
  const problem = await endAttempt(transaction, attempt, {
    ...report,
    endedMs: attempt.state === 'ended' ? attempt.ended_at! : transaction.nowMs,
    reason: attempt.reason,
  });
  return problem ?? true;
}

/** What was reported last about the call of an attempt. */
export async function latestReport(
  tx: SqlTransaction,
  { attempt_id: attemptId, posting_at: postingAt }: AttemptRow,
): Promise<{ disposition: ReportedDisposition; source: string; callBackMs: number | undefined } | undefined> {
  const [row] = await tx.rows<ReportRow>(
    `SELECT * FROM ${REPORTS} WHERE attempt_id = $1 AND reported_at >= $2 ORDER BY number DESC LIMIT 1`,
    [attemptId, postingAt],
  );
  return row && { disposition: row.disposition, source: row.source, callBackMs: row.call_back_at ?? undefined };
}

async function resultOf(tx: SqlTransaction, attempt: AttemptRow): Promise<Omit<RecordedDisposition, 'isNew'>> {
  const contact = (await contactRow(tx, attempt.contact_id))!;
  return {
    attemptId: attempt.attempt_id,
    contactId: contact.contact_id,
    contactState: contact.state,
    ...(contact.state === 'waiting' && { dueAt: iso(contact.due_at) }),
    campaignId: attempt.campaign_id,
    campaignState: (await campaignRow(tx, attempt.campaign_id)).state,
  };
}

/** See `CampaignStore.dispositionReports`. */
export async function* listReports(db: SqlDatabase, campaignId: string): AsyncGenerator<StoredDispositionReport, void> {
  const rows = inPages<ReportRow>(db, async (tx, last) =>
    tx.rows(
      `SELECT * FROM ${REPORTS} WHERE campaign_id = $1 AND (attempt_id, number) > ($2, $3)
       ORDER BY attempt_id, number LIMIT ${PAGE_SIZE}`,
      [campaignId, last?.attempt_id ?? '', last?.number ?? 0],
    ),
  );
  for await (const row of rows) yield toReport(row);
}

function toReport(row: ReportRow): StoredDispositionReport {
  return {
    attemptId: row.attempt_id,
    contactId: row.contact_id,
    reportId: row.report_id,
    disposition: row.disposition,
    ...(row.call_back_at !== null && { callBackAt: iso(row.call_back_at) }),
    source: row.source,
    reportedAt: iso(row.reported_at),
  };
}
