/**
 * How an attempt ended:
 * - `answered`: the call ended in `success`;
 * - `no-answer`, `busy`, `voicemail`, `rejected`: in `failure`, for that reason;
 * - `invalid-number`: the number cannot be called, finally;
 * - `vendor-queue`: PolyAI queued the call for too long and never placed it, which is no attempt on the contact;
 * - `unclassified`: in `failure`, for a reason that this version does not know;
 * - `unknown`: the monitor ended without a terminal status;
 * - `human`, `opted-out`, `call-back`, and also `voicemail`: somebody reported it, see `ReportedDisposition`.
 */
export type Disposition = RetriedDisposition | ReportedDisposition | 'answered' | 'invalid-number' | 'vendor-queue';

/** The dispositions after which a contact is called again, unless it has no attempt left. */
export type RetriedDisposition = 'no-answer' | 'busy' | 'voicemail' | 'rejected' | 'unclassified' | 'unknown';

export const RETRIED_DISPOSITIONS: readonly RetriedDisposition[] = [
  'no-answer',
  'busy',
  'voicemail',
  'rejected',
  'unclassified',
  'unknown',
];

export const DISPOSITIONS: readonly Disposition[] = [
  ...RETRIED_DISPOSITIONS,
  'answered',
  'human',
  'opted-out',
  'call-back',
  'invalid-number',
  'vendor-queue',
];

/**
 * A disposition from a source that knows more than the API: the agent, a transcript, a person.
 * - `human`: a person was reached: the contact is done;
 * - `voicemail`: a machine answered: the contact is called again by the rules;
 * - `opted-out`: from now on no campaign dials the number;
 * - `call-back`: the person wants to be called again at a given time.
 */
export type ReportedDisposition = 'human' | 'voicemail' | 'opted-out' | 'call-back';

export const REPORTED_DISPOSITIONS = [
  'human',
  'voicemail',
  'opted-out',
  'call-back',
] as const satisfies readonly ReportedDisposition[];

/** @throws {TypeError} naming the dispositions that there are */
export function checkDispositions(dispositions: unknown): void {
  const isKnown = (given: unknown): boolean => (DISPOSITIONS as readonly unknown[]).includes(given);
  if (dispositions == null) return;
  if (Array.isArray(dispositions) && dispositions.length > 0 && dispositions.every(isKnown)) return;
  throw new TypeError(`dispositions must be a list of some of ${DISPOSITIONS.join(', ')}`);
}
