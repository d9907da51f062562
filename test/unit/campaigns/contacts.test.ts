import { expect, test } from 'vitest';

import { chunksOf } from '../../../src/campaigns/contacts.js';
import { contactOf } from '../../support/campaign-samples.js';

test.each([
  ['consent', undefined, 'contacts[1].consent must be text, empty for no consent'],
  ['timeZones', 'Etc/UTC', 'contacts[1].timeZones must be an array of IANA names'],
  ['timeZones', [7], 'contacts[1].timeZones must be an array of IANA names'],
  ['regions', 'FR', 'contacts[1].regions must be an array of codes of ISO 3166 such as "FR" and "US-FL"'],
  ['regions', ['US-FX'], 'contacts[1].regions must be an array of codes of ISO 3166 such as "FR" and "US-FL"'],
  ['reference', 1042, 'contacts[1].reference must be text'],
  ['variables', ['Ada'], 'contacts[1].variables must be an object whose values are text'],
  ['variables', { age: 36 }, 'contacts[1].variables must be an object whose values are text'],
])('a contact whose %s is %j is refused by its index and field', (field, value, message) => {
  const contact = { ...contactOf(2), [field]: value };
  expect(() => chunksOf([contactOf(1), contact])).toThrow(new TypeError(message));
});
