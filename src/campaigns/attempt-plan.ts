import type { TerminalStatus } from '../contract/call.js';
import type { ContactState } from '../contract/campaign.js';
import type { CampaignRules } from '../contract/campaign-rules.js';
import { type Disposition, RETRIED_DISPOSITIONS, type RetriedDisposition } from '../contract/disposition.js';

/**
 * Reasons of failed calls that are known. The API documents its reasons as free text; "call queueing: max timeout limit
 * exceeded" is in its reference, the others are what telephony says.
 */
const KNOWN_REASONS: readonly (readonly [RegExp, Disposition])[] = [
  [/queue?ing.*(?:timeout|limit)/i, 'vendor-queue'],
  [/no[\s_-]?answer|not answered|unanswered|ring(?:ing)? timeout/i, 'no-answer'],
  [/voice\s?mail|answering machine|machine detected/i, 'voicemail'],
  [/\bbusy\b/i, 'busy'],
  [/invalid number|unallocated|not in service|does not exist|disconnected number/i, 'invalid-number'],
  [/reject|declin/i, 'rejected'],
];

/** The disposition of a call that has ended, by its terminal status and reason. */
export function dispositionOf(status: TerminalStatus | undefined, reason: string): Disposition {
  if (status === undefined) return 'unknown';
  if (status === 'success') return 'answered';
  return KNOWN_REASONS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'unclassified';
}

/** Dispositions of attempts that PolyAI never placed as calls, so that they do not count. */
export const UNCOUNTED_DISPOSITIONS: readonly Disposition[] = ['vendor-queue'];

/** Whether PolyAI called the contact, so that the attempt counts. */
export function countsAsAttempt(disposition: Disposition): boolean {
  return !UNCOUNTED_DISPOSITIONS.includes(disposition);
}

/** Dispositions that say nothing about the campaign: a person who is absent is neither its success nor its failure. */
export const NEUTRAL_DISPOSITIONS: readonly Disposition[] = [
  'no-answer',
  'busy',
  'voicemail',
  'opted-out',
  'vendor-queue',
];

export const SUCCESSFUL_DISPOSITIONS: readonly Disposition[] = ['answered', 'human', 'call-back'];

/** Whether an attempt speaks for the campaign, against it, or neither. */
export function classifyDisposition(disposition: Disposition): 'success' | 'failure' | 'neutral' {
  if (SUCCESSFUL_DISPOSITIONS.includes(disposition)) return 'success';
  return NEUTRAL_DISPOSITIONS.includes(disposition) ? 'neutral' : 'failure';
}

/** What becomes of a contact after an attempt. */
export interface ContactPlan {
  readonly state: Extract<ContactState, 'waiting' | 'done' | 'failed' | 'suppressed'>;
  readonly reason: string;
  /** When a waiting contact may be called again, epoch milliseconds. */
  readonly notBeforeMs?: number;
}

/** An attempt that has ended. Times in epoch milliseconds. */
export interface EndedAttempt {
  readonly disposition: Disposition;
  readonly endedMs: number;
  /** Of `call-back`. */
  readonly callBackMs?: number | undefined;
  /** Attempts on the contact that count, this one included. */
  readonly attempts: number;
  readonly rules: Pick<CampaignRules, 'maxAttempts' | 'retryAfterMs'>;
}

/** Pure: what becomes of a contact after an attempt has ended. */
export function planAfterAttempt({ disposition, endedMs, callBackMs, attempts, rules }: EndedAttempt): ContactPlan {
  if (disposition === 'answered' || disposition === 'human') return { state: 'done', reason: disposition };
  if (disposition === 'opted-out') return { state: 'suppressed', reason: disposition };
  if (disposition === 'vendor-queue') return { state: 'waiting', reason: disposition, notBeforeMs: endedMs };
  const isCallBack = disposition === 'call-back';
  if (!isCallBack && !isRetried(disposition)) return { state: 'failed', reason: disposition };
  if (attempts >= rules.maxAttempts) return { state: 'failed', reason: `${disposition}; no attempt is left` };
  const notBeforeMs = isCallBack ? (callBackMs ?? endedMs) : endedMs + rules.retryAfterMs[disposition];
  return { state: 'waiting', reason: disposition, notBeforeMs };
}

function isRetried(disposition: Disposition): disposition is RetriedDisposition {
  return (RETRIED_DISPOSITIONS as readonly string[]).includes(disposition);
}
