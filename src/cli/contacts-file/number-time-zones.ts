import { readFileSync } from 'node:fs';

import type { ParsedNumber } from './phone-number.js';

interface ZoneData {
  readonly prefixesByZones: Readonly<Record<string, string>>;
}

/** The longest prefix of Google's data, which decides. */
const MAX_PREFIX = 10;

let zonesByPrefix: ReadonlyMap<string, readonly string[]> | undefined;

/**
 * Where a number may be: by its area code, or else in the whole country. A mobile phone with an area code may be elsewhere.
 *
 * @returns IANA names; none for numbers of no country
 */
export function timeZonesOf({ number, callingCode, isGeographic }: Omit<ParsedNumber, 'country'>): readonly string[] {
  zonesByPrefix ??= readZones();
  if (!isGeographic) return zonesByPrefix.get(callingCode) ?? [];
  for (let length = MAX_PREFIX; length > 0; length -= 1) {
    const zones = zonesByPrefix.get(number.slice(1, 1 + length));
    if (zones) return zones;
  }
  return [];
}

function readZones(): Map<string, readonly string[]> {
  const file = new URL('./number-time-zones.json', import.meta.url);
  const { prefixesByZones } = JSON.parse(readFileSync(file, 'utf8')) as ZoneData;
  return new Map(
    Object.entries(prefixesByZones).flatMap(([zones, prefixes]) => {
      const names = zones.split(' ');
      return prefixes.split(' ').map((prefix) => [prefix, names] as const);
    }),
  );
}
