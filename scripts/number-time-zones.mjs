// Writes src/cli/contacts-file/number-time-zones.json from a copy of Google's data:
// node scripts/number-time-zones.mjs VERSION map_data.txt
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const [version, input] = process.argv.slice(2);
if (!version || !input) throw new Error('give the version of libphonenumber, and its resources/timezones/map_data.txt');

const TARGET = fileURLToPath(new URL('../src/cli/contacts-file/number-time-zones.json', import.meta.url));
/** @type {Record<string, string[]>} */
const prefixesByZones = {};
for (const line of readFileSync(input, 'utf8').split(/\r?\n/)) {
  const [, prefix, zones] = /^(\d+)\|(\S+)$/.exec(line) ?? [];
  if (prefix && zones) (prefixesByZones[zones.replaceAll('&', ' ')] ??= []).push(prefix);
  else if (line !== '' && !line.startsWith('#')) throw new Error(`cannot be read: ${line}`);
}

const data = {
  source: `resources/timezones/map_data.txt of github.com/google/libphonenumber ${version}, grouped by time zones`,
  license: 'Apache License 2.0, copyright (C) 2012 The Libphonenumber Authors',
  prefixesByZones: Object.fromEntries(
    Object.entries(prefixesByZones)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([zones, prefixes]) => [zones, prefixes.join(' ')]),
  ),
};
writeFileSync(TARGET, await format(JSON.stringify(data), { ...(await resolveConfig(TARGET)), parser: 'json' }));
