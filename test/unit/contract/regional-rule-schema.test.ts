import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';

import schema from '../../../src/contract/regional-rule.schema.json' with { type: 'json' };
import { PACKAGED } from '../../support/regional-rules.js';

const isValid = new Ajv2020().compile(schema);

test('every rule of the package is valid by the schema', () => {
  for (const rule of PACKAGED.rules) expect(isValid(rule), JSON.stringify(isValid.errors)).toBe(true);
});

test('a rule without a source, or with another field, is not', () => {
  const [{ sources, ...rule }] = PACKAGED.rules as [(typeof PACKAGED.rules)[0]];
  expect(isValid({ ...rule, sources })).toBe(true);
  expect(isValid(rule)).toBe(false);
  expect(isValid({ ...rule, sources, hours: [] })).toBe(false);
});
