import { expect, test } from 'vitest';

import { checkSearchAttributeMode } from '../../../../src/cli/doctor/search-attributes.js';

const KEYWORD = 2;
const BOTH = new Map([
  ['PolyAiCallStatus', KEYWORD],
  ['PolyAiAlarm', KEYWORD],
]);

test.each([
  ['auto', new Map<string, number>(), 'ok'],
  ['auto', undefined, 'ok'],
  ['off', BOTH, 'ok'],
  ['on', BOTH, 'ok'],
  ['on', undefined, 'not-checked'],
  [undefined, BOTH, 'not-checked'],
] as const)('%s with the attributes %j is %s', (mode, attributes, state) => {
  expect(checkSearchAttributeMode(mode, attributes)).toMatchObject({ state });
});

test('on is a failure where the namespace lacks an attribute, or has it with another type: monitors get stuck', () => {
  const INT = 3;
  const attributes = new Map([...BOTH, ['PolyAiAlarm', INT]] as [string, number][]);

  const finding = checkSearchAttributeMode('on', attributes);

  expect(finding).toMatchObject({
    state: 'failure',
    found: 'on, and the namespace lacks PolyAiAlarm: monitors get stuck',
    remedy: expect.stringContaining('POLYAI_SEARCH_ATTRIBUTES=auto') as string,
  });
});
