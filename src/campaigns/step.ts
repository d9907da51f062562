import type { CampaignRules } from '../contract/campaign-rules.js';
import { CallingWindows } from './calling-windows.js';
import { type CampaignRow, rulesOf } from './rows.js';
import type { SqlTransaction } from './sql.js';

/** One transaction of the campaign store, at one time of the database's clock. */
export interface Step {
  readonly tx: SqlTransaction;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly rulebook: Rulebook;
}

/** Rules in one version, with their calling windows. */
export interface RulesInForce {
  readonly rules: CampaignRules;
  readonly windows: CallingWindows;
}

const MAX_REMEMBERED = 100;

/** The rules that a store has read. A version of the rules never changes. */
export class Rulebook {
  readonly #known = new Map<string, RulesInForce>();

  /** @throws {CampaignRulesError} when the stored rules cannot be read */
  async of(tx: SqlTransaction, campaign: CampaignRow): Promise<RulesInForce> {
    const key = `${campaign.campaign_id} ${campaign.rules_version}`;
    const known = this.#known.get(key);
    if (known) return known;
    const rules = await rulesOf(tx, campaign);
    const inForce = { rules, windows: new CallingWindows(rules) };
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(key, inForce);
    return inForce;
  }
}
