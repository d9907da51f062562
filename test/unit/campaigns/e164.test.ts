import { expect, test } from 'vitest';

import { e164 } from '../../../src/campaigns/e164.js';

test.each([
  '+447700900003',
  '+44 7700 900003',
  ' +44 (7700) 900-003\n',
  '+44.7700.900003',
  '+44\u00A07700\u2011900003',
])('%j is +447700900003', (written) => {
  expect(e164(written, 'number')).toBe('+447700900003');
});

test.each([
  '',
  '447700900003',
  '07700900003',
  '+0447700900003',
  '+44770',
  '+4477009000031234',
  '+44 (0)7700 900003',
  undefined,
  4,
])('%j is none, and the error does not show it', (written) => {
  expect(() => e164(written, 'contacts[7].number')).toThrow(
    expect.objectContaining({
      name: 'CampaignError',
      code: 'invalid-number',
      message: 'contacts[7].number is not an E.164 number: write + and the country code before it, as in +14155552671',
    }) as Error,
  );
});
