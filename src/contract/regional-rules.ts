import type { CallingWindow } from './calling-window.js';

/** Where a regional rule comes from. */
export interface RegionalRuleSource {
  /** The statute or regulation. */
  readonly citation: string;
  /** Where it was read. */
  readonly url?: string | undefined;
  /** When it was read: `2026-11-29`. */
  readonly consulted?: string | undefined;
}

/** When a country or state allows calls, by the clocks of the contact. No legal advice. */
export interface RegionalRule {
  /** A country by ISO 3166-1 (`FR`), or a part of one by ISO 3166-2 (`US-FL`). */
  readonly region: string;
  readonly windows: readonly CallingWindow[];
  /**
   * Days without calls: `2026-12-25`; `12-25` in every year; `12-25 observed`, also on the Friday before a Saturday and the Monday
   * after a Sunday; `4th thu of 11` or `last mon of 05`; `easter+1`, counted in days from Easter Sunday.
   */
  readonly holidays?: readonly string[] | undefined;
  /** Calls to a number in any 24 hours. */
  readonly maxCallsPer24h?: number | undefined;
  /** At least one. */
  readonly sources: readonly RegionalRuleSource[];
  /** What to know before relying on it. */
  readonly note?: string | undefined;
}

/** Which regional rules a campaign has, as it is given. A field that is left out stays as it is. */
export interface RegionalRulesInput {
  /**
   * Whether those that come with the package are in force.
   * @default true
   */
  readonly packaged?: boolean | undefined;
  /**
   * Your own, at most one for each region. Each adds a region, or replaces the packaged rule of its region.
   * @default none
   */
  readonly own?: readonly RegionalRule[] | undefined;
}

/** Which regional rules a campaign has, complete. */
export interface RegionalRulesChoice {
  readonly packaged: boolean;
  readonly own: readonly RegionalRule[];
}

/** The regional rules that come with a version of the package. */
export interface PackagedRegionalRules {
  /** The day on which they were put together: `2026-11-29`. */
  readonly edition: string;
  readonly rules: readonly RegionalRule[];
}

/** The regional rules of a campaign in one version of its rules. */
export interface RegionalRulesInForce {
  /** Of the packaged rules that are in force; `null` if they are not. */
  readonly edition: string | null;
  readonly rules: readonly RegionalRule[];
}

/** `FR`, `US-FL`. */
export const REGION_FORMAT = /^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/;
