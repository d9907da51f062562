import type { CallingWindow } from './calling-window.js';
import type { RetriedDisposition } from './disposition.js';
import { DAY_MS, type DurationInput, HOUR_MS } from './duration.js';
import type { RegionalRulesChoice, RegionalRulesInput } from './regional-rules.js';

/** The rules of a campaign as they are given. Every field is optional. */
export interface CampaignRulesInput {
  /**
   * When contacts may be called: a contact in several time zones only when all of them allow it.
   * @default Monday to Friday, 09:00 to 18:00
   */
  readonly windows?: readonly CallingWindow[] | undefined;
  /**
   * Days without calls, by the contact's calendar: `2026-12-25`.
   * @default none
   */
  readonly holidays?: readonly string[] | undefined;
  /**
   * Stricter rules of countries and states, for the contacts that they concern. A contact is called only when they allow it too.
   * @default those that come with the package
   */
  readonly regional?: RegionalRulesInput | undefined;
  /**
   * How long before a window closes the last call is dialled. Up to 4 h.
   * @default "5m"
   */
  readonly closeMargin?: DurationInput | undefined;
  /**
   * How often a contact is called at most, 1 to 20. What PolyAI never dialled does not count.
   * @default 3
   */
  readonly maxAttempts?: number | undefined;
  /**
   * The pause before the next attempt, by the disposition of the last one. 1 min to 30 days.
   * @default 4 h after `no-answer`, 30 min after `busy`, 1 day after the others
   */
  readonly retryAfter?: Partial<Readonly<Record<RetriedDisposition, DurationInput>>> | undefined;
  /**
   * Calls to a number in any 24 hours, over all campaigns in the database.
   * @default 2
   */
  readonly maxCallsPer24h?: number | undefined;
  /**
   * Calls to a number in any 7 days, over all campaigns in the database.
   * @default 5
   */
  readonly maxCallsPer7d?: number | undefined;
  /**
   * Whether a contact without consent is left out.
   * @default true
   */
  readonly requireConsent?: boolean | undefined;
  /**
   * Consecutive failed attempts that pause the campaign. No answer, busy and voicemail are not failures.
   * @default 20
   */
  readonly stopAfterFailures?: number | undefined;
  /**
   * Ambiguous attempts since the last resumption that pause the campaign.
   * @default 5
   */
  readonly stopAfterAmbiguous?: number | undefined;
  /**
   * The campaign's share of the account's limits, 1 to 100: of the campaigns that have somebody to dial now, one with weight 3
   * begins three calls for each one of a campaign with weight 1.
   * @default 1
   */
  readonly weight?: number | undefined;
  /**
   * When the campaign ends, whoever is left. ISO 8601 with a zone; `null` removes it.
   * @default none
   */
  readonly deadline?: string | null | undefined;
}

/** The rules of a campaign, complete: validated and with defaults, as they are stored. */
export interface CampaignRules {
  readonly windows: readonly CallingWindow[];
  readonly holidays: readonly string[];
  readonly regional: RegionalRulesChoice;
  readonly closeMarginMs: number;
  readonly maxAttempts: number;
  readonly retryAfterMs: Readonly<Record<RetriedDisposition, number>>;
  readonly maxCallsPer24h: number;
  readonly maxCallsPer7d: number;
  readonly requireConsent: boolean;
  readonly stopAfterFailures: number;
  readonly stopAfterAmbiguous: number;
  readonly weight: number;
  /** Epoch milliseconds; `null` without a deadline. */
  readonly deadlineMs: number | null;
}

export const DEFAULT_CAMPAIGN_RULES: CampaignRules = {
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', until: '18:00' }],
  holidays: [],
  regional: { packaged: true, own: [] },
  closeMarginMs: 5 * 60_000,
  maxAttempts: 3,
  retryAfterMs: {
    'no-answer': 4 * HOUR_MS,
    busy: HOUR_MS / 2,
    voicemail: DAY_MS,
    rejected: DAY_MS,
    unclassified: DAY_MS,
    unknown: DAY_MS,
  },
  maxCallsPer24h: 2,
  maxCallsPer7d: 5,
  requireConsent: true,
  stopAfterFailures: 20,
  stopAfterAmbiguous: 5,
  weight: 1,
  deadlineMs: null,
};
