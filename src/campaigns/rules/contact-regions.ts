import { readFileSync } from 'node:fs';
import {
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';

import { REGION_FORMAT } from '../../contract/regional-rules.js';

/** Territories of the United States, which ISO 3166-1 lists as countries as well. */
const TERRITORIES = ['AS', 'GU', 'MP', 'PR', 'VI'];

/**
 * A region as it is compared: `PR` is `US-PR`.
 *
 * @returns `undefined` for what is not a code of ISO 3166, or no part of a country whose parts are known
 */
export function parseRegion(region: string): string | undefined {
  const code = region.trim().toUpperCase();
  if (TERRITORIES.includes(code)) return `US-${code}`;
  const country = code.slice(0, 2);
  if (!REGION_FORMAT.test(code) || !isSupportedCountry(country)) return undefined;
  const { parts } = areaCodes();
  if (code === country || parts.has(code)) return code;
  const hasKnownParts = [...parts].some((part) => part.startsWith(`${country}-`));
  return hasKnownParts ? undefined : code;
}

/**
 * The regions that a contact may be in: those that were given, or else those of its number. A country that was given alone gives
 * way to its parts that the number may be in.
 *
 * @param number E.164
 * @param given as `parseRegion` returns them
 */
export function regionsOf(number: string, given: readonly string[]): string[] {
  const byAreaCode = regionsOfAreaCode(number);
  if (given.length === 0) return [...(byAreaCode ?? countriesOf(number))];
  const regions = given.flatMap((region) => {
    const parts = byAreaCode?.filter((part) => part.startsWith(`${region}-`)) ?? [];
    return parts.length > 0 ? parts : [region];
  });
  return [...new Set(regions)];
}

/** In North America; a mobile phone may be elsewhere. */
function regionsOfAreaCode(number: string): readonly string[] | undefined {
  return number.startsWith('+1') ? areaCodes().regionsByCode.get(number.slice(2, 5)) : undefined;
}

/** Those of the numbering plan in which the number may be. */
function countriesOf(number: string): string[] {
  const countries = parsePhoneNumberFromString(number)?.getPossibleCountries() ?? [];
  if (countries.length > 0) return countries.map((country) => parseRegion(country) ?? country);
  // A number that the library does not know yet may be in any country of its calling code.
  return getCountries().filter((country) => number.startsWith(`+${getCountryCallingCode(country)}`));
}

interface AreaCodes {
  readonly regionsByCode: ReadonlyMap<string, readonly string[]>;
  /** The states and provinces that have area codes. */
  readonly parts: ReadonlySet<string>;
}

let loaded: AreaCodes | undefined;

function areaCodes(): AreaCodes {
  loaded ??= readAreaCodes();
  return loaded;
}

function readAreaCodes(): AreaCodes {
  const file = new URL('./area-codes.json', import.meta.url);
  const { codesByRegions } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly codesByRegions: Readonly<Record<string, string>>;
  };
  const regionsByCode = Object.entries(codesByRegions).flatMap(([regions, codes]) =>
    codes.split(' ').map((code) => [code, regions.split(' ')] as const),
  );
  return {
    regionsByCode: new Map(regionsByCode),
    parts: new Set([...regionsByCode.flatMap(([, regions]) => regions), ...TERRITORIES.map((code) => `US-${code}`)]),
  };
}
