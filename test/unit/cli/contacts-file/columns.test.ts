import { describe, expect, it } from 'vitest';

import { type ColumnOptions, findColumns } from '../../../../src/cli/contacts-file/columns.js';

function find(header: string, options: Partial<ColumnOptions> = {}) {
  const columns = findColumns(header.split(','), { ignored: [], ...options });
  const { number, timeZone, consent, reference, variables, unnamed } = columns;
  return {
    number: number.name,
    timeZone: timeZone?.name,
    consent: consent?.name,
    reference: reference?.name,
    variables: variables.map(({ name, index }) => `${index}:${name}`),
    unnamed,
  };
}

describe('the columns of a file', () => {
  it('are found by their names, in any spelling; all others are variables', () => {
    expect(find(' Phone-Number , Time Zone,CONSENT,reference,first_name')).toEqual({
      number: 'Phone-Number',
      timeZone: 'Time Zone',
      consent: 'CONSENT',
      reference: 'reference',
      variables: ['4:first_name'],
      unnamed: [],
    });
  });

  it('are those that options name', () => {
    const options = { number: 'Handy', timeZone: 'tz', consent: 'opt in', reference: 'id', ignored: ['notes'] };
    expect(find('id,number,Handy,tz,opt in,notes,consent', options)).toEqual({
      number: 'Handy',
      timeZone: 'tz',
      consent: 'opt in',
      reference: 'id',
      variables: ['1:number', '6:consent'],
      unnamed: [],
    });
  });

  it('leave out those that a file of rejects has in addition, and those without a name', () => {
    expect(find('number,name,,import_line,import_error')).toMatchObject({ variables: ['1:name'], unnamed: [2] });
  });

  it.each([
    ['no column has phone numbers: name it with --number-column; the file has "a", "b"', 'a,b', {}],
    ['which column is meant, "phone", "mobile": say so with --number-column', 'phone,mobile', {}],
    ['columns 1 and 3 have the same name "phone": rename one', 'phone,name,phone', {}],
    ['--consent-column: the file has no column "ok", but "phone", "name"', 'phone,name', { consent: 'ok' }],
    ['--ignore-column: the file has no column "ok"', 'phone,name', { ignored: ['ok'] }],
    [
      'no column has phone numbers: name it with --number-column; the file has what looks like a contact in its first line: ' +
        'begin it with a line of column names',
      '+44 7700 900001,Europe/London,Ada',
      {},
    ],
    ['columns 1 and 2 have the same name: rename one', '+447700900001,+447700900001', {}],
  ])('are refused: %s', (message, header, options) => {
    expect(() => find(header, options)).toThrow(message);
  });

  it('of a file without a header show no contact, whatever is asked for', () => {
    expect(() => find('+447700900001,Ada', { number: 'phone' })).toThrow(/^--number-column: (?!.*(?:Ada|7700))/);
  });
});
