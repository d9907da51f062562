import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import type { CallingWindow } from '../../../src/contract/calling-window.js';
import type { RegionalRule } from '../../../src/contract/regional-rules.js';
import { PACKAGED } from '../../support/regional-rules.js';

const page = readFileSync(new URL('../../../docs/reference/regional-rules.md', import.meta.url), 'utf8');

const DAYS: Readonly<Record<string, string>> = {
  'mon tue wed thu fri sat sun': 'every day',
  'mon tue wed thu fri sat': 'Monday to Saturday',
  'mon tue wed thu fri': 'Monday to Friday',
  'sat sun': 'Saturday and Sunday',
  sat: 'Saturday',
  sun: 'Sunday',
};

function hoursOf(windows: readonly CallingWindow[]): string {
  return windows.map(({ days, from, until }) => `${DAYS[days.join(' ')]!} ${from} to ${until}`).join(', ');
}

function itemOf({ region, windows, holidays, maxCallsPer24h, sources, note }: RegionalRule): string {
  const cap = maxCallsPer24h === undefined ? '' : `, at most ${maxCallsPer24h} calls to a number in 24 hours`;
  const links = sources.map(({ citation, url }) => `[${citation}](${url})`).join(', ');
  return `**${region}**: ${hoursOf(windows)}${holidays ? ', not on holidays' : ''}${cap}. ${links}.${note ? ` ${note}` : ''}`;
}

test('the reference lists the regional rules that come with the package, and no others', () => {
  const items = page.split(/^- (?=\*\*)/m).slice(1);
  const listed = items.map((item) => item.split('\n\n')[0]!.replaceAll(/\s+/g, ' ').trim());

  expect(listed).toEqual(PACKAGED.rules.map(itemOf));
  expect(page).toContain(`edition \`${PACKAGED.edition}\``);
});
