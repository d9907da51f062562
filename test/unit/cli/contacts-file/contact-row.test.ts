import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { e164 } from '../../../../src/campaigns/e164.js';
import { findColumns } from '../../../../src/cli/contacts-file/columns.js';
import { readContact, type RowOptions } from '../../../../src/cli/contacts-file/contact-row.js';

const HEADER = ['phone', 'time_zone', 'consent', 'reference', 'first_name', ''];
const OPTIONS: RowOptions = { country: undefined, timeZones: [], consent: '' };

function read(cells: readonly string[], options: Partial<RowOptions> = {}, header: readonly string[] = HEADER) {
  const padded = [...cells, ...Array.from({ length: header.length - cells.length }, () => '')];
  return readContact(padded, findColumns(header, { ignored: [] }), { ...OPTIONS, ...options });
}

function reasonOf(cells: readonly string[], options: Partial<RowOptions> = {}): string {
  return (read(cells, options) as { reason: string }).reason;
}

describe('a row', () => {
  it('has the regions of its column, or leaves them to its number', () => {
    const header = ['phone', 'region', 'time_zone'];
    const regionsIn = (cell: string) => read(['+1 305 555 0100', cell], {}, header);
    expect(regionsIn('us-fl; US-GA')).toMatchObject({ contact: { regions: ['us-fl', 'US-GA'] } });
    expect(regionsIn('')).toMatchObject({ contact: { regions: ['US'] } });
    expect(regionsIn('Florida')).toEqual({ reason: '"region" is not a code of ISO 3166 such as FR or US-FL' });
  });

  it('is a contact', () => {
    expect(read(['+44 (0)7700 900001', 'Europe/London; Europe/Paris', ' web form ', ' crm-1 ', 'Ada'])).toEqual({
      contact: {
        number: '+447700900001',
        timeZones: ['Europe/London', 'Europe/Paris'],
        regions: [],
        consent: 'web form',
        reference: 'crm-1',
        variables: { first_name: 'Ada' },
      },
      hasZonesByNumber: false,
    });
  });

  it.each([
    ['07700 900001', 'GB', '+447700900001'],
    ["'+44 7700 900001", 'US', '+447700900001'],
    ['0044 7700 900001', 'GB', '+447700900001'],
    ['(415) 555-2671', 'US', '+14155552671'],
    ['０７７００９００００１', 'GB', '+447700900001'],
    ['+49 30 1234567', undefined, '+49301234567'],
  ] as const)('has its number in E.164: %s in %s', (written, country, number) => {
    expect(read([written], { country })).toMatchObject({ contact: { number } });
  });

  it.each([
    ['', '"phone" is empty'],
    ['07700 900001', '"phone" has no country code: write + and the code before the number, or give --country'],
    ['call me', '"phone" is not a phone number'],
    ['call me at +447700900001', '"phone" is not a phone number'],
    ['+44770090', '"phone" has too few or too many digits for its country'],
    ['+4477009000010000', '"phone" has too few or too many digits for its country'],
    ['+1 415 555 2671 x12', '"phone" has an extension, which cannot be dialled'],
    ['4.47701E+11', '"phone" was shortened by a spreadsheet: format the column as text before you enter numbers'],
  ])('is rejected for its number, without showing it: %s', (written, reason) => {
    expect(reasonOf([written])).toBe(reason);
  });

  it.each([
    [['+447700900001', 'Europe/Londn'], '"time_zone" is not an IANA time zone such as Europe/London'],
    [['+447700900001', '+447700900001'], '"time_zone" is not an IANA time zone such as Europe/London'],
    [['+8816123456789'], 'nothing says in which time zone the number is: fill a column time_zone, or give --time-zone'],
    [['+447700900001', '', '', '', '', 'x'], 'column 6 has no name in the header'],
    [['+447700900001', '', '', '', '', '', ''], 'has 7 cells, and the header 6'],
    [['+447700900001', '', '', '', '"Ada\n+44'], 'a quote is not closed where it should be'],
    [['+447700900001', '', '', '', 'x'.repeat(16_000)], 'its variables are larger than 16000 bytes'],
  ])('is rejected: %j', (cells, reason) => {
    expect(reasonOf(cells)).toContain(reason);
  });

  it('has the time zones of the option, or all that its number may be in, when it has none', () => {
    expect(read(['+14155552671'])).toMatchObject({
      contact: { timeZones: ['America/Los_Angeles'] },
      hasZonesByNumber: true,
    });
    expect(read(['+61491570006'])).toMatchObject({
      contact: { timeZones: expect.arrayContaining(['Australia/Perth', 'Australia/Sydney']) as string[] },
    });
    expect(read(['+14155552671'], { timeZones: ['America/New_York'] })).toMatchObject({
      contact: { timeZones: ['America/New_York'] },
      hasZonesByNumber: false,
    });
  });

  it.each(['', ' ', 'no', 'No', 'FALSE', '0', '-', 'none'])('has no consent when it says %j', (consent) => {
    expect(read(['+447700900001', '', consent], { consent: 'letter' })).toMatchObject({ contact: { consent: '' } });
  });

  it('has the consent of the option in a file without such a column', () => {
    expect(read(['+447700900001'], { consent: 'letter' }, ['phone'])).toMatchObject({ contact: { consent: 'letter' } });
  });

  it('is a contact that the store takes, or has a reason that shows no digit of its number', () => {
    const separator = fc.constantFrom('', ' ', '-', '.', ' (0)', '/');
    const written = fc
      .tuple(
        fc.constantFrom('', '+', '00', "'+", 'x'),
        fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 18 }),
        separator,
      )
      .map(([prefix, digits, between]) => prefix + digits.slice(0, 4) + between + digits.slice(4));
    fc.assert(
      fc.property(written, fc.constantFrom(undefined, 'GB', 'US', 'DE'), (phone, country) => {
        const row = read([phone], { country: country as RowOptions['country'] });
        if ('contact' in row) expect(e164(row.contact.number, 'number')).toBe(row.contact.number);
        else expect(row.reason).not.toMatch(/\d/);
      }),
      { numRuns: 300 },
    );
  });
});
