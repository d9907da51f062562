import { readFileSync } from 'node:fs';

import { parseRegionalRuleList } from '../../contract/parse-regional-rules.js';
import type { PackagedRegionalRules, RegionalRule, RegionalRulesChoice } from '../../contract/regional-rules.js';

/** The rules of regions that are in force together. */
export class RegionalRules {
  readonly #byRegions = new Map<string, readonly RegionalRule[]>();

  constructor(readonly rules: readonly RegionalRule[]) {}

  /**
   * The rules for a contact in some regions, all of which hold: of each region, of the country that it is a part of, and of all
   * parts of a country that is given alone.
   */
  of(regions: readonly string[]): readonly RegionalRule[] {
    const key = regions.join(' ');
    const known =
      this.#byRegions.get(key) ??
      this.rules.filter((rule) =>
        regions.some((region) => isWithin(region, rule.region) || isWithin(rule.region, region)),
      );
    this.#byRegions.set(key, known);
    return known;
  }
}

export const NO_REGIONAL_RULES = new RegionalRules([]);

function isWithin(region: string, other: string): boolean {
  return region === other || region.startsWith(`${other}-`);
}

/** What a campaign's choice amounts to. */
export function regionalRulesInForce(
  { own }: RegionalRulesChoice,
  packaged: PackagedRegionalRules | null,
): readonly RegionalRule[] {
  const replaced = new Set(own.map(({ region }) => region));
  return [...(packaged?.rules ?? []).filter(({ region }) => !replaced.has(region)), ...own];
}

let loaded: PackagedRegionalRules | undefined;

/** The regional rules of this version of the package. */
export function packagedRegionalRules(): PackagedRegionalRules {
  loaded ??= readPackaged();
  return loaded;
}

function readPackaged(): PackagedRegionalRules {
  const file = new URL('./regional-rules.json', import.meta.url);
  const { edition, rules } = JSON.parse(readFileSync(file, 'utf8')) as PackagedRegionalRules;
  return { edition, rules: parseRegionalRuleList('regional-rules.json', rules) };
}

/** A worker of an older version of the package, in the middle of a deploy, leaves newer rules in force. */
export function latestRegionalRules(before: PackagedRegionalRules | null): PackagedRegionalRules {
  const packaged = packagedRegionalRules();
  return before && before.edition > packaged.edition ? before : packaged;
}
