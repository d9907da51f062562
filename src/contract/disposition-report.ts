import type { CampaignState, ContactState } from './campaign.js';
import type { ReportedDisposition } from './disposition.js';

/** A disposition for an attempt, before or after its call has ended. */
export interface DispositionReport {
  /** The ID of the attempt, which the call has in its metadata as `temporal_polyai_attempt`. */
  readonly attemptId: string;
  readonly disposition: ReportedDisposition;
  /** When to call again, ISO 8601 with a zone, up to a year ahead; of `call-back`, which needs it. */
  readonly callBackAt?: string | undefined;
  /** Where the report comes from, in your words: `agent`, `transcript review`. 1 to 200 characters, no personal data. */
  readonly source: string;
  /**
   * A report with the same ID counts once. 1 to 200 characters.
   * @default of the content, so that a delivery that is repeated counts once
   */
  readonly reportId?: string | undefined;
}

/** What a report did. Times in ISO 8601. */
export interface RecordedDisposition {
  /** `false` for a report that was recorded before. */
  readonly isNew: boolean;
  readonly attemptId: string;
  readonly contactId: string;
  readonly contactState: ContactState;
  /** When the contact may be dialled next; of a waiting contact only. */
  readonly dueAt?: string | undefined;
  readonly campaignId: string;
  /** A campaign that is over dials nobody until it is started again. */
  readonly campaignState: CampaignState;
}

/** A report as it is kept, whatever came after it. Times in ISO 8601. */
export interface StoredDispositionReport extends Omit<DispositionReport, 'reportId'> {
  readonly reportId: string;
  readonly contactId: string;
  readonly reportedAt: string;
}
