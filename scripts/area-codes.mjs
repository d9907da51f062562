// Writes src/campaigns/rules/area-codes.json from a copy of Google's data:
// node scripts/area-codes.mjs VERSION 1.txt
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const [version, input] = process.argv.slice(2);
if (!version || !input) throw new Error('give the version of libphonenumber, and its resources/geocoding/en/1.txt');

const TARGET = fileURLToPath(new URL('../src/campaigns/rules/area-codes.json', import.meta.url));
const US =
  'AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,DC Washington D.C.,' +
  'FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,' +
  'MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE Nebraska,NV Nevada,' +
  'NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,' +
  'OR Oregon,PA Pennsylvania,RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,' +
  'VA Virginia,WA Washington State,WV West Virginia,WI Wisconsin,WY Wyoming';
// The data spell British Columbia in two ways.
const CANADA =
  'AB Alberta,BC British Columbia,BC British Colombia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,' +
  'NS Nova Scotia,NT Northwest Territories,NU Nunavut,ON Ontario,PE Prince Edward Island,QC Quebec,SK Saskatchewan,YT Yukon';
const ELSEWHERE = 'elsewhere';
/** @type {Map<string, string>} */
const regions = new Map();
for (const [country, states] of Object.entries({ US, CA: CANADA })) {
  for (const state of states.split(',')) {
    const code = state.slice(0, 2);
    regions.set(state.slice(3), `${country}-${code}`).set(code, `${country}-${code}`);
  }
}

/** @param {string} place such as `Florida`, `Chicago, IL` or `Nova Scotia/Prince Edward Island` */
function regionsOf(place) {
  return place.split('/').map((name) => regions.get(name) ?? regions.get(name.split(', ').at(-1) ?? '') ?? ELSEWHERE);
}

/** Of a few area codes the data have only the places. */
const lines = readFileSync(input, 'utf8')
  .split(/\r?\n/)
  .map((line) => /^1(\d{3})(\d*)\|(.+)$/.exec(line)?.slice(1) ?? [])
  .filter(([code]) => code);
const whole = new Set(lines.filter(([, more]) => more === '').map(([code]) => code));
/** @type {Map<string, Set<string>>} */
const regionsByCode = new Map();
for (const [code = '', more, place = ''] of lines) {
  if (more !== '' && whole.has(code)) continue;
  regionsByCode.set(code, new Set([...(regionsByCode.get(code) ?? []), ...regionsOf(place)]));
}
/** @type {Record<string, string[]>} */
const codesByRegions = {};
for (const [code, names] of [...regionsByCode].sort()) {
  if (!names.has(ELSEWHERE)) (codesByRegions[[...names].sort().join(' ')] ??= []).push(code);
  else if (whole.has(code)) throw new Error(`no state is known for area code ${code}`);
}

const data = {
  source: `area codes of resources/geocoding/en/1.txt of github.com/google/libphonenumber ${version}, grouped by ISO 3166-2`,
  license: 'Apache License 2.0, copyright (C) 2011 The Libphonenumber Authors',
  codesByRegions: Object.fromEntries(
    Object.entries(codesByRegions)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([names, codes]) => [names, codes.join(' ')]),
  ),
};
writeFileSync(TARGET, await format(JSON.stringify(data), { ...(await resolveConfig(TARGET)), parser: 'json' }));
