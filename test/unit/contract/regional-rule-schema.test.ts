import { Ajv2020 } from 'ajv/dist/2020.js';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { generateRegionalRuleSchema } from '../../support/monitor-schema.js';
import { PACKAGED } from '../../support/regional-rules.js';

const FILE = fileURLToPath(new URL('../../../src/contract/regional-rule.schema.json', import.meta.url));
const text = await generateRegionalRuleSchema();
const isValid = new Ajv2020().compile(JSON.parse(text) as object);

test('the schema that ships is generated from the contract; after a change run this file with --update', async () => {
  await expect(text).toMatchFileSnapshot(FILE);
});

test('every rule of the package is valid by the schema', () => {
  for (const rule of PACKAGED.rules) expect(isValid(rule), JSON.stringify(isValid.errors)).toBe(true);
});

test('a rule without a source, or with another field, is not', () => {
  const [{ sources, ...rule }] = PACKAGED.rules as [(typeof PACKAGED.rules)[0]];
  expect(isValid({ ...rule, sources })).toBe(true);
  expect(isValid(rule)).toBe(false);
  expect(isValid({ ...rule, sources, hours: [] })).toBe(false);
});
