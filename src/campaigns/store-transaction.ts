import type { SqlTransaction } from './database/sql.js';
import { type CampaignRow, rulesOf, type StoredRules } from './rows.js';
import { CallingWindows } from './rules/calling-windows.js';
import { RegionalRules, regionalRulesInForce } from './rules/regional-rules.js';

/** One transaction of the campaign store, at one time of the database's clock. */
export interface StoreTransaction {
  readonly tx: SqlTransaction;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** How far the database had come before, see `advanceSequence`. */
  readonly sequence: number;
  /** Of the database; a copy has the same one. */
  readonly databaseId: string;
  /** Of the pseudonyms of erased numbers. */
  readonly numberKey: string;
  readonly rulebook: Rulebook;
}

/** Rules in one version, with their calling windows. */
export interface RulesInForce extends StoredRules {
  readonly regional: RegionalRules;
  readonly windows: CallingWindows;
}

export function rulesInForce({ rules, packaged }: StoredRules): RulesInForce {
  const regional = new RegionalRules(regionalRulesInForce(rules.regional, packaged));
  return { rules, packaged, regional, windows: new CallingWindows(rules, regional) };
}

const MAX_REMEMBERED = 100;

/** The rules that a store has read. A version never changes, but a restored copy of the database may have another of its number. */
export class Rulebook {
  readonly #known = new Map<string, RulesInForce>();

  /** @throws {CampaignRulesError} when the stored rules cannot be read */
  async of(tx: SqlTransaction, campaign: CampaignRow): Promise<RulesInForce> {
    const key = `${campaign.campaign_id} ${campaign.rules_version} ${campaign.rules_created_at}`;
    const known = this.#known.get(key);
    if (known) return known;
    const inForce = rulesInForce(await rulesOf(tx, campaign));
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(key, inForce);
    return inForce;
  }
}
