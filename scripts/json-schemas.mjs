/**
 * The JSON Schemas that ship, generated from the types in `src/contract` and reviewed like API reports:
 *
 *   npm run check:schemas              fails when one differs
 *   npm run check:schemas -- --update  writes them
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { createGenerator } from 'ts-json-schema-generator';

const ROOT = join(import.meta.dirname, '..');

/** The contract's types that other languages read and write; the schema has those they mention as well. */
const TYPES = [
  'MonitorOutboundCallInput',
  'MonitorOutboundCallResult',
  'MonitorProgress',
  'MonitorFailureDetails',
  'FailureType',
  'NotifyWhenEndedInput',
  'CompletionSignal',
  'ReadMonitorInput',
  'ReadMonitorResult',
];

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
const SCHEMAS = { 'monitor.schema.json': monitorSchema(), 'regional-rule.schema.json': regionalRuleSchema() };

for (const [name, schema] of Object.entries(SCHEMAS)) {
  const file = join(ROOT, 'src/contract', name);
  const text = await format(JSON.stringify(schema), { parser: 'json', printWidth: 120 });
  if (text === readFileSync(file, 'utf8')) continue;
  if (values.update) {
    writeFileSync(file, text);
    continue;
  }
  console.error(`src/contract/${name} differs from the types: run \`npm run check:schemas -- --update\``);
  process.exitCode = 1;
}

/** `temporal-polyai/schemas/monitor.json`: the monitor's messages. */
function monitorSchema() {
  const { MonitorOutboundCallInput: input, ...others } = definitionsOf(TYPES, { additionalProperties: true });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'The monitor of a PolyAI outbound call',
    description:
      'What workflow type `monitorOutboundCall` takes, returns, answers and sends, in `$defs`. Fields may be added: ignore those that you do not know.',
    $defs: { MonitorOutboundCallInput: withNullableOptions(input), ...others },
  };
}

/** `temporal-polyai/schemas/regional-rule.json`, for editors of files with such rules. */
function regionalRuleSchema() {
  const { RegionalRule: rule, ...others } = definitionsOf(['RegionalRule'], { additionalProperties: false });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A regional rule',
    ...rule,
    $defs: others,
  };
}

function definitionsOf(types, { additionalProperties }) {
  const generator = createGenerator({
    path: join(ROOT, 'src/contract/*.ts'),
    tsconfig: join(ROOT, 'tsconfig.json'),
    additionalProperties,
    skipTypeCheck: true,
  });
  const found = Object.assign({}, ...types.map((type) => generator.createSchema(type).definitions));
  // The generator writes draft 7; of what it uses here, only the place of the definitions is another in 2020-12.
  return JSON.parse(JSON.stringify(found).replaceAll('"#/definitions/', '"#/$defs/'));
}

/** The monitor reads `null` as absent: some languages send it for a field without a value. */
function withNullableOptions(schema) {
  if (!schema.properties) return schema;
  const properties = Object.entries(schema.properties).map(([name, property]) => {
    if (schema.required?.includes(name)) return [name, property];
    const { description, default: byDefault, ...accepted } = withNullableOptions(property);
    const annotations = { ...(description && { description }), ...(byDefault !== undefined && { default: byDefault }) };
    return [name, { ...annotations, anyOf: [accepted, { type: 'null' }] }];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}
